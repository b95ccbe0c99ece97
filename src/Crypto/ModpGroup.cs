using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>A modular exponential group with generator 2 over a safe prime; its numbers are shared and only read.</summary>
sealed class ModpGroup
{
    static readonly Lazy<ModpGroup> LazyModp1024 = new(() => new ModpGroup(KeyExchangeMethod.Modp1024, LibCrypto.BN_get_rfc2409_prime_1024(0)));
    static readonly Lazy<ModpGroup> LazyModp2048 = new(() => new ModpGroup(KeyExchangeMethod.Modp2048, LibCrypto.BN_get_rfc3526_prime_2048(0)));

    readonly byte[] _primeMinusOne;

    ModpGroup(KeyExchangeMethod method, nint prime)
    {
        Method = method;
        Prime = LibraryContext.CheckPointer(prime, "BN_get_prime");
        Length = KeyExchanges.PublicValueLength(method);
        _primeMinusOne = new byte[Length];
        BigNumberHandle.Copy(Prime, _primeMinusOne);
        _primeMinusOne[^1]--; // a prime is odd: nothing is borrowed

        using NumberScratchHandle scratch = NumberScratchHandle.Create();
        Montgomery = LibraryContext.CheckPointer(LibCrypto.BN_MONT_CTX_new(), nameof(LibCrypto.BN_MONT_CTX_new));
        LibraryContext.Check(LibCrypto.BN_MONT_CTX_set(Montgomery, Prime, scratch.Pointer), nameof(LibCrypto.BN_MONT_CTX_set));
    }

    /// <summary>Second Oakley group, RFC 2409 §6.2 and RFC 7296 appendix B.2.</summary>
    internal static ModpGroup Modp1024 => LazyModp1024.Value;

    /// <summary>RFC 3526 §3.</summary>
    internal static ModpGroup Modp2048 => LazyModp2048.Value;

    internal KeyExchangeMethod Method { get; }

    /// <summary>BIGNUM.</summary>
    internal nint Prime { get; }

    /// <summary>BN_MONT_CTX for the prime.</summary>
    internal nint Montgomery { get; }

    /// <summary>Octets of the prime and of a public value.</summary>
    internal int Length { get; }

    /// <summary>RFC 6989 §2.1: 1 &lt; value &lt; p - 1, in the whole length of the prime (RFC 7296 §3.4).</summary>
    internal bool Accepts(ReadOnlySpan<byte> publicValue) =>
        publicValue.Length == Length
        && (publicValue[..^1].IndexOfAnyExcept((byte)0) >= 0 || publicValue[^1] > 1)
        && publicValue.SequenceCompareTo(_primeMinusOne) < 0;
}
