using System.Collections.Frozen;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>
/// A modular exponential group: generator 2 over a safe prime, or a generator of a subgroup of prime order (RFC 5114). Its numbers are
/// shared and only read.
/// </summary>
sealed class ModpGroup
{
    // RFC 3526 §8 gives a range of exponent lengths for each size of prime, RFC 7919 appendix A the least that is still safe: 225 bits for
    // 2048, 275 for 3072, 325 for 4096, 375 for 6144, 400 for 8192, here in whole octets and 32 at least.
    static readonly FrozenDictionary<KeyExchangeMethod, Lazy<ModpGroup>> Groups = new Dictionary<KeyExchangeMethod, Lazy<ModpGroup>>
    {
        // RFC 7296 appendix B.1 and B.2.
        [KeyExchangeMethod.Modp768] = SafePrime(KeyExchangeMethod.Modp768, () => LibCrypto.BN_get_rfc2409_prime_768(0), 32),
        [KeyExchangeMethod.Modp1024] = SafePrime(KeyExchangeMethod.Modp1024, () => LibCrypto.BN_get_rfc2409_prime_1024(0), 32),
        // RFC 3526 §2 to §7.
        [KeyExchangeMethod.Modp1536] = SafePrime(KeyExchangeMethod.Modp1536, () => LibCrypto.BN_get_rfc3526_prime_1536(0), 32),
        [KeyExchangeMethod.Modp2048] = SafePrime(KeyExchangeMethod.Modp2048, () => LibCrypto.BN_get_rfc3526_prime_2048(0), 32),
        [KeyExchangeMethod.Modp3072] = SafePrime(KeyExchangeMethod.Modp3072, () => LibCrypto.BN_get_rfc3526_prime_3072(0), 35),
        [KeyExchangeMethod.Modp4096] = SafePrime(KeyExchangeMethod.Modp4096, () => LibCrypto.BN_get_rfc3526_prime_4096(0), 41),
        [KeyExchangeMethod.Modp6144] = SafePrime(KeyExchangeMethod.Modp6144, () => LibCrypto.BN_get_rfc3526_prime_6144(0), 47),
        [KeyExchangeMethod.Modp8192] = SafePrime(KeyExchangeMethod.Modp8192, () => LibCrypto.BN_get_rfc3526_prime_8192(0), 50),
        [KeyExchangeMethod.Modp1024Subgroup160] = Subgroup(KeyExchangeMethod.Modp1024Subgroup160, ModpSubgroup.Prime1024),
        [KeyExchangeMethod.Modp2048Subgroup224] = Subgroup(KeyExchangeMethod.Modp2048Subgroup224, ModpSubgroup.Prime2048Order224),
        [KeyExchangeMethod.Modp2048Subgroup256] = Subgroup(KeyExchangeMethod.Modp2048Subgroup256, ModpSubgroup.Prime2048Order256),
    }.ToFrozenDictionary();

    readonly byte[] _primeMinusOne;
    readonly byte[] _exponentBound;
    readonly BigNumberHandle? _order;

    /// <param name="order">Of the subgroup; null where (p - 1) / 2 is prime.</param>
    ModpGroup(KeyExchangeMethod method, nint prime, BigNumberHandle generator, byte[] exponentBound, BigNumberHandle? order)
    {
        Method = method;
        Prime = LibraryContext.CheckPointer(prime, "BN_get_prime");
        Generator = generator;
        _exponentBound = exponentBound;
        _order = order;
        Length = AlgorithmRegistry.Find(method)!.InitiatorLength;
        _primeMinusOne = new byte[Length];
        BigNumberHandle.Copy(Prime, _primeMinusOne);
        _primeMinusOne[^1]--; // a prime is odd: nothing is borrowed

        using NumberScratchHandle scratch = NumberScratchHandle.Create();
        Montgomery = LibraryContext.CheckPointer(LibCrypto.BN_MONT_CTX_new(), nameof(LibCrypto.BN_MONT_CTX_new));
        LibraryContext.Check(LibCrypto.BN_MONT_CTX_set(Montgomery, Prime, scratch.Pointer), nameof(LibCrypto.BN_MONT_CTX_set));
    }

    /// <summary>Null for a method that is none of these.</summary>
    internal static ModpGroup? Find(KeyExchangeMethod method) => Groups.GetValueOrDefault(method)?.Value;

    internal KeyExchangeMethod Method { get; }

    /// <summary>BIGNUM.</summary>
    internal nint Prime { get; }

    internal BigNumberHandle Generator { get; }

    /// <summary>BN_MONT_CTX for the prime.</summary>
    internal nint Montgomery { get; }

    /// <summary>Octets of the prime and of a public value.</summary>
    internal int Length { get; }

    /// <summary>Private exponents are below it and have its length.</summary>
    internal ReadOnlySpan<byte> ExponentBound => _exponentBound;

    /// <summary>
    /// RFC 6989 §2.1: 1 &lt; value &lt; p - 1, in the whole length of the prime (RFC 7296 §3.4); §2.2: with a small subgroup value^q = 1 too.
    /// </summary>
    internal bool Accepts(ReadOnlySpan<byte> publicValue) =>
        publicValue.Length == Length
        && (publicValue[..^1].IndexOfAnyExcept((byte)0) >= 0 || publicValue[^1] > 1)
        && publicValue.SequenceCompareTo(_primeMinusOne) < 0
        && (_order is null || IsOfOrder(publicValue));

    /// <summary>value^exponent modulo the prime, in constant time, padded to the prime's length.</summary>
    internal void Power(BigNumberHandle value, BigNumberHandle exponent, Span<byte> destination)
    {
        using NumberScratchHandle scratch = NumberScratchHandle.Create();
        using BigNumberHandle result = BigNumberHandle.Create();
        LibraryContext.Check(
            LibCrypto.BN_mod_exp_mont_consttime(result.Pointer, value.Pointer, exponent.Pointer, Prime, scratch.Pointer, Montgomery),
            nameof(LibCrypto.BN_mod_exp_mont_consttime));
        result.CopyTo(destination);
    }

    bool IsOfOrder(ReadOnlySpan<byte> publicValue)
    {
        using BigNumberHandle value = BigNumberHandle.FromOctets(publicValue);
        Span<byte> power = stackalloc byte[ModpKeyExchange.LongestPrime];
        power = power[..Length];
        Power(value, _order!, power);
        return power[^1] == 1 && power[..^1].IndexOfAnyExcept((byte)0) < 0;
    }

    static Lazy<ModpGroup> SafePrime(KeyExchangeMethod method, Func<nint> prime, int exponentLength) =>
        new(() => new ModpGroup(method, prime(), BigNumberHandle.FromOctets([2]), [.. Enumerable.Repeat((byte)0xff, exponentLength)], order: null));

    static Lazy<ModpGroup> Subgroup(KeyExchangeMethod method, ModpSubgroup subgroup) => new(() => new ModpGroup(method,
        BigNumberHandle.FromOctets(subgroup.Prime).Keep(), BigNumberHandle.FromOctets(subgroup.Generator), subgroup.Order,
            BigNumberHandle.FromOctets(subgroup.Order)));
}
