using System.Collections.Frozen;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>
/// A curve over a prime field with cofactor 1: those of RFC 5903 and RFC 5114, and Brainpool's (RFC 6954). Its numbers are shared and
/// only read.
/// </summary>
sealed class EcpGroup
{
    /// <summary>Octets, of the 521-bit curve.</summary>
    internal const int LongestCoordinate = 66;

    // libcrypto's numbers of the curves. Some distributions build it without a part of them.
    static readonly FrozenDictionary<KeyExchangeMethod, Lazy<EcpGroup?>> Groups = new Dictionary<KeyExchangeMethod, Lazy<EcpGroup?>>
    {
        [KeyExchangeMethod.Ecp192] = Curve(KeyExchangeMethod.Ecp192, 409), // NID_X9_62_prime192v1, RFC 5114 §2.4
        [KeyExchangeMethod.Ecp224] = Curve(KeyExchangeMethod.Ecp224, 713), // NID_secp224r1, RFC 5114 §2.5
        [KeyExchangeMethod.Ecp256] = Curve(KeyExchangeMethod.Ecp256, 415), // NID_X9_62_prime256v1, RFC 5903 §3.1
        [KeyExchangeMethod.Ecp384] = Curve(KeyExchangeMethod.Ecp384, 715), // NID_secp384r1, RFC 5903 §3.2
        [KeyExchangeMethod.Ecp521] = Curve(KeyExchangeMethod.Ecp521, 716), // NID_secp521r1, RFC 5903 §3.3
        [KeyExchangeMethod.Brainpool224] = Curve(KeyExchangeMethod.Brainpool224, 925), // NID_brainpoolP224r1
        [KeyExchangeMethod.Brainpool256] = Curve(KeyExchangeMethod.Brainpool256, 927), // NID_brainpoolP256r1
        [KeyExchangeMethod.Brainpool384] = Curve(KeyExchangeMethod.Brainpool384, 931), // NID_brainpoolP384r1
        [KeyExchangeMethod.Brainpool512] = Curve(KeyExchangeMethod.Brainpool512, 933), // NID_brainpoolP512r1
    }.ToFrozenDictionary();

    readonly byte[] _field;
    readonly byte[] _order;

    EcpGroup(KeyExchangeMethod method, nint group)
    {
        Method = method;
        Handle = group;
        CoordinateLength = AlgorithmRegistry.Find(method)!.SecretLength;
        _field = new byte[CoordinateLength];
        _order = new byte[CoordinateLength];
        BigNumberHandle.Copy(LibCrypto.EC_GROUP_get0_field(Handle), _field);
        BigNumberHandle.Copy(LibCrypto.EC_GROUP_get0_order(Handle), _order);
    }

    /// <summary>Null for a method that is none of these, or that this libcrypto does not have.</summary>
    internal static EcpGroup? Find(KeyExchangeMethod method) => Groups.GetValueOrDefault(method)?.Value;

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

    static Lazy<EcpGroup?> Curve(KeyExchangeMethod method, int number) => new(() =>
    {
        nint group = LibraryContext.Probed(LibCrypto.EC_GROUP_new_by_curve_name_ex(LibraryContext.Handle, 0, number));
        return group == 0 ? null : new EcpGroup(method, group);
    });
}
