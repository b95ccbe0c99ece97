using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>A random curve over a prime field with cofactor 1 (RFC 5903 §3); its numbers are shared and only read.</summary>
sealed class EcpGroup
{
    const int Prime256V1 = 415; // NID_X9_62_prime256v1
    const int Secp384R1 = 715; // NID_secp384r1

    static readonly Lazy<EcpGroup> LazyEcp256 = new(() => new EcpGroup(KeyExchangeMethod.Ecp256, Prime256V1));
    static readonly Lazy<EcpGroup> LazyEcp384 = new(() => new EcpGroup(KeyExchangeMethod.Ecp384, Secp384R1));

    readonly byte[] _field;
    readonly byte[] _order;

    EcpGroup(KeyExchangeMethod method, int curve)
    {
        Method = method;
        Handle = LibraryContext.CheckPointer(LibCrypto.EC_GROUP_new_by_curve_name_ex(LibraryContext.Handle, 0, curve),
            nameof(LibCrypto.EC_GROUP_new_by_curve_name_ex));
        CoordinateLength = KeyExchanges.PublicValueLength(method) / 2;
        _field = new byte[CoordinateLength];
        _order = new byte[CoordinateLength];
        BigNumberHandle.Copy(LibCrypto.EC_GROUP_get0_field(Handle), _field);
        BigNumberHandle.Copy(LibCrypto.EC_GROUP_get0_order(Handle), _order);
    }

    /// <summary>RFC 5903 §3.1.</summary>
    internal static EcpGroup Ecp256 => LazyEcp256.Value;

    /// <summary>RFC 5903 §3.2.</summary>
    internal static EcpGroup Ecp384 => LazyEcp384.Value;

    internal KeyExchangeMethod Method { get; }

    /// <summary>EC_GROUP.</summary>
    internal nint Handle { get; }

    /// <summary>Octets of one coordinate and of a private value.</summary>
    internal int CoordinateLength { get; }

    /// <summary>The number of points; private values are below it.</summary>
    internal ReadOnlySpan<byte> Order => _order;

    /// <summary>
    /// The point of a peer's x | y, or null unless both coordinates are below the field's prime and the point is on the curve
    /// (RFC 6989 §2.3; the cofactor is 1, so every such point generates the whole group).
    /// </summary>
    internal CurvePointHandle? PointOf(ReadOnlySpan<byte> publicValue, NumberScratchHandle scratch)
    {
        if (publicValue.Length != 2 * CoordinateLength)
            return null;

        // libcrypto would reduce larger coordinates silently.
        ReadOnlySpan<byte> x = publicValue[..CoordinateLength];
        ReadOnlySpan<byte> y = publicValue[CoordinateLength..];
        if (x.SequenceCompareTo(_field) >= 0 || y.SequenceCompareTo(_field) >= 0)
            return null;

        using BigNumberHandle xNumber = BigNumberHandle.FromOctets(x);
        using BigNumberHandle yNumber = BigNumberHandle.FromOctets(y);
        CurvePointHandle point = CurvePointHandle.Create(Handle);
        if (LibCrypto.EC_POINT_set_affine_coordinates(Handle, point.Pointer, xNumber.Pointer, yNumber.Pointer, scratch.Pointer) > 0
            && LibCrypto.EC_POINT_is_on_curve(Handle, point.Pointer, scratch.Pointer) > 0)
            return point;

        LibCrypto.ERR_clear_error();
        point.Dispose();
        return null;
    }
}
