using System.Numerics;
using Ipsec.Crypto;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>The numbers of the modular exponential groups, from the formulas and properties that their documents state.</summary>
public sealed class ModpGroupTests
{
    public static TheoryData<KeyExchangeMethod> Subgroups =>
        [KeyExchangeMethod.Modp1024Subgroup160, KeyExchangeMethod.Modp2048Subgroup224, KeyExchangeMethod.Modp2048Subgroup256];

    [Theory]
    // RFC 7296 appendix B and RFC 3526 §2 to §7: p = 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + c).
    [InlineData(KeyExchangeMethod.Modp768, 149686)]
    [InlineData(KeyExchangeMethod.Modp1024, 129093)]
    [InlineData(KeyExchangeMethod.Modp1536, 741804)]
    [InlineData(KeyExchangeMethod.Modp2048, 124476)]
    [InlineData(KeyExchangeMethod.Modp3072, 1690314)]
    [InlineData(KeyExchangeMethod.Modp4096, 240904)]
    [InlineData(KeyExchangeMethod.Modp6144, 929484)]
    [InlineData(KeyExchangeMethod.Modp8192, 4743158)]
    public void PublicValuesAreThoseOfThePrimeMadeFromPi(KeyExchangeMethod method, int constant)
    {
        int length = KeyExchanges.PublicValueLength(method);
        int bits = 8 * length;
        BigInteger prime = (BigInteger.One << bits) - (BigInteger.One << bits - 64) - 1 + ((Pi(bits - 130) + constant) << 64);
        byte[] exponent = new byte[ModpGroup.Find(method)!.ExponentBound.Length];
        new SeededRandomSource((ulong)method).Fill(exponent);
        using IKeyExchange exchange = KeyExchanges.Create(method, new ScriptedRandomSource(exponent));
        Assert.Equal(Octets(BigInteger.ModPow(2, Number(exponent), prime), length), exchange.PublicValue);

        foreach (BigInteger refused in (BigInteger[])[0, 1, prime - 1, prime, prime + 1])
            Assert.False(exchange.TryDeriveSharedSecret(Octets(refused, length), out _));
        Assert.True(exchange.TryDeriveSharedSecret(Octets(prime - 2, length), out Secret? secret));
        Assert.Equal(Octets(BigInteger.ModPow(prime - 2, Number(exponent), prime), length), secret.Span);
        secret.Dispose();
    }

    [Theory]
    // RFC 3526 §8 and RFC 7919 appendix A.
    [InlineData(KeyExchangeMethod.Modp2048, 225, 320)]
    [InlineData(KeyExchangeMethod.Modp3072, 275, 420)]
    [InlineData(KeyExchangeMethod.Modp4096, 325, 480)]
    [InlineData(KeyExchangeMethod.Modp6144, 375, 540)]
    [InlineData(KeyExchangeMethod.Modp8192, 400, 620)]
    public void ExponentsAreAsLongAsTheStrengthOfTheGroupAsks(KeyExchangeMethod method, int leastBits, int mostBits) =>
        Assert.InRange(8 * ModpGroup.Find(method)!.ExponentBound.Length, leastBits, mostBits);

    [Theory, MemberData(nameof(Subgroups))]
    public void ValuesOutsideOfTheSubgroupAreRefused(KeyExchangeMethod method)
    {
        // RFC 6989 §2.2: value^q must be 1. Of two values whose product is in the subgroup both are in it or none is.
        ModpSubgroup numbers = method switch
        {
            KeyExchangeMethod.Modp1024Subgroup160 => ModpSubgroup.Prime1024,
            KeyExchangeMethod.Modp2048Subgroup224 => ModpSubgroup.Prime2048Order224,
            _ => ModpSubgroup.Prime2048Order256,
        };
        BigInteger prime = Number(numbers.Prime);
        BigInteger order = Number(numbers.Order);
        int length = KeyExchanges.PublicValueLength(method);
        Assert.Equal(BigInteger.One, BigInteger.ModPow(Number(numbers.Generator), order, prime));
        Assert.Equal(BigInteger.Zero, (prime - 1) % order);

        using IKeyExchange exchange = KeyExchanges.Create(method, new SeededRandomSource(1));
        using IKeyExchange peer = KeyExchanges.Create(method, new SeededRandomSource(2));
        BigInteger good = Number(peer.PublicValue);
        foreach (BigInteger refused in (BigInteger[])[0, 1, 2, 3, prime - good, prime - 2, prime - 1, prime, good + prime])
        {
            if (refused < BigInteger.One << 8 * length)
                Assert.False(exchange.TryDeriveSharedSecret(Octets(refused, length), out _));
        }
        Assert.True(exchange.TryDeriveSharedSecret(Octets(good * good % prime, length), out Secret? secret));
        secret.Dispose();
    }

    [Theory, MemberData(nameof(Subgroups))]
    public void ExponentsOfASubgroupAreBelowItsOrder(KeyExchangeMethod method)
    {
        byte[] order = ModpGroup.Find(method)!.ExponentBound.ToArray();
        byte[] below = Octets(Number(order) - 1, order.Length);
        using IKeyExchange redrawn = KeyExchanges.Create(method, new ScriptedRandomSource(order, new byte[order.Length], below));
        using IKeyExchange drawn = KeyExchanges.Create(method, new ScriptedRandomSource(below));
        Assert.Equal(drawn.PublicValue, redrawn.PublicValue);
    }

    /// <summary>[2^bits pi] by Machin's formula, with digits to spare.</summary>
    static BigInteger Pi(int bits)
    {
        const int Spare = 64;
        BigInteger one = BigInteger.One << bits + Spare;
        return 4 * (4 * ArcTangentOfInverse(5, one) - ArcTangentOfInverse(239, one)) >> Spare;
    }

    static BigInteger ArcTangentOfInverse(int x, BigInteger one)
    {
        BigInteger power = one / x;
        BigInteger sum = power;
        for (int n = 3; !power.IsZero; n += 2)
        {
            power /= x * x;
            sum += n % 4 == 3 ? -(power / n) : power / n;
        }
        return sum;
    }

    static BigInteger Number(ReadOnlySpan<byte> octets) => new(octets, isUnsigned: true, isBigEndian: true);

    static byte[] Octets(BigInteger number, int length)
    {
        byte[] octets = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - octets.Length], .. octets];
    }
}
