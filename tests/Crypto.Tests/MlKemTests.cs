using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

public sealed class MlKemTests
{
    public static TheoryData<KeyExchangeMethod> Methods => [KeyExchangeMethod.MlKem512, KeyExchangeMethod.MlKem768, KeyExchangeMethod.MlKem1024];

    [Theory, MemberData(nameof(Methods))]
    public void BothSidesAgreeAndAFlippedBitGivesAnotherSecret(KeyExchangeMethod method)
    {
        SkipWithout(method);
        using IKeyExchange initiator = KeyExchanges.Create(method, new SeededRandomSource(1));
        Assert.True(KeyExchanges.TryRespond(method, new SeededRandomSource(2), initiator.PublicValue, out byte[]? ciphertext, out Secret? responders));
        KeyExchangeEntry entry = AlgorithmRegistry.Find(method)!;
        Assert.Equal((entry.InitiatorLength, entry.ResponderLength), (initiator.PublicValue.Length, ciphertext.Length));
        Assert.True(initiator.TryDeriveSharedSecret(ciphertext, out Secret? initiators));
        Assert.Equal(entry.SecretLength, initiators.Length);
        Assert.Equal(responders.Span, initiators.Span);
        ciphertext[7] ^= 1;
        Assert.True(initiator.TryDeriveSharedSecret(ciphertext, out Secret? other));
        Assert.False(other.Span.SequenceEqual(initiators.Span));
    }

    [Theory, MemberData(nameof(Methods))]
    public void TheSameSourceGivesTheSameKeyAndTheSameCiphertext(KeyExchangeMethod method)
    {
        SkipWithout(method);
        using IKeyExchange first = KeyExchanges.Create(method, new SeededRandomSource(1));
        using IKeyExchange second = KeyExchanges.Create(method, new SeededRandomSource(1));
        Assert.Equal(first.PublicValue, second.PublicValue);
        Assert.True(KeyExchanges.TryRespond(method, new SeededRandomSource(2), first.PublicValue, out byte[]? one, out Secret? oneSecret));
        Assert.True(KeyExchanges.TryRespond(method, new SeededRandomSource(2), first.PublicValue, out byte[]? two, out Secret? twoSecret));
        Assert.Equal(one, two);
        Assert.Equal(oneSecret.Span, twoSecret.Span);
    }

    [Theory, MemberData(nameof(Methods))]
    public void RefusesOtherLengthsAndKeysThatAreNotReduced(KeyExchangeMethod method)
    {
        SkipWithout(method);
        using IKeyExchange initiator = KeyExchanges.Create(method, new SeededRandomSource(1));
        byte[] key = initiator.PublicValue.ToArray();
        int ciphertextLength = AlgorithmRegistry.Find(method)!.ResponderLength;
        foreach (int length in (int[])[0, 1, 32, key.Length - 1, key.Length + 1, 2 * key.Length])
            Assert.False(KeyExchanges.TryRespond(method, new SeededRandomSource(2), new byte[length], out _, out _));
        foreach (int length in (int[])[0, 1, 32, ciphertextLength - 1, ciphertextLength + 1, 2 * ciphertextLength])
            Assert.False(initiator.TryDeriveSharedSecret(new byte[length], out _));
        // FIPS 203 §7.2: twelve bits of a coefficient stay below 3329.
        key[0] = 0xff;
        key[1] |= 0x0f;
        Assert.False(KeyExchanges.TryRespond(method, new SeededRandomSource(2), key, out _, out _));
    }

    internal static void SkipWithout(KeyExchangeMethod method)
    {
        if (!KeyExchanges.IsSupported(method))
            Assert.Skip("OpenSSL below 3.5: its libcrypto has no ML-KEM");
    }
}
