using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>Diffie-Hellman on a curve over a prime field: the public value is x | y (RFC 5903 §7), the shared secret is x (§9).</summary>
sealed class EcpKeyExchange : IKeyExchange
{
    readonly EcpGroup _group;
    readonly BigNumberHandle _scalar;
    readonly byte[] _publicValue;

    internal EcpKeyExchange(EcpGroup group, IRandomSource random)
    {
        _group = group;
        Span<byte> scalar = stackalloc byte[EcpGroup.LongestCoordinate];
        scalar = scalar[..group.CoordinateLength];
        PrivateValue.Draw(random, group.Order, scalar);
        _scalar = BigNumberHandle.SecretFromOctets(scalar);
        CryptographicOperations.ZeroMemory(scalar);

        _publicValue = new byte[2 * group.CoordinateLength];
        using NumberScratchHandle scratch = NumberScratchHandle.Create();
        using CurvePointHandle point = CurvePointHandle.Create(group.Handle);
        LibraryContext.Check(LibCrypto.EC_POINT_mul(group.Handle, point.Pointer, _scalar.Pointer, 0, 0, scratch.Pointer),
            nameof(LibCrypto.EC_POINT_mul));
        WriteCoordinates(point, scratch, _publicValue.AsSpan(0, group.CoordinateLength), _publicValue.AsSpan(group.CoordinateLength));
    }

    public KeyExchangeMethod Method => _group.Method;

    public ReadOnlySpan<byte> PublicValue => _publicValue;

    public bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_scalar.IsClosed, this);
        sharedSecret = null;
        using NumberScratchHandle scratch = NumberScratchHandle.Create();
        using CurvePointHandle? peer = _group.PointOf(peerValue, scratch);
        if (peer is null)
            return false;

        using CurvePointHandle product = CurvePointHandle.Create(_group.Handle);
        LibraryContext.Check(LibCrypto.EC_POINT_mul(_group.Handle, product.Pointer, 0, peer.Pointer, _scalar.Pointer, scratch.Pointer),
            nameof(LibCrypto.EC_POINT_mul));
        if (LibCrypto.EC_POINT_is_at_infinity(_group.Handle, product.Pointer) != 0)
            return false;

        Span<byte> x = stackalloc byte[EcpGroup.LongestCoordinate];
        x = x[.._group.CoordinateLength];
        WriteCoordinates(product, scratch, x, default);
        sharedSecret = new Secret(x);
        CryptographicOperations.ZeroMemory(x);
        return true;
    }

    void WriteCoordinates(CurvePointHandle point, NumberScratchHandle scratch, Span<byte> x, Span<byte> y)
    {
        using BigNumberHandle xNumber = BigNumberHandle.Create();
        using BigNumberHandle yNumber = BigNumberHandle.Create();
        LibraryContext.Check(
            LibCrypto.EC_POINT_get_affine_coordinates(_group.Handle, point.Pointer, xNumber.Pointer, yNumber.Pointer, scratch.Pointer),
            nameof(LibCrypto.EC_POINT_get_affine_coordinates));
        xNumber.CopyTo(x);
        if (!y.IsEmpty)
            yNumber.CopyTo(y);
    }

    public void Dispose() => _scalar.Dispose();
}
