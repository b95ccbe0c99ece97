namespace Ipsec.Crypto;

/// <summary>The key exchange methods that this machine's libcrypto can do.</summary>
public static class KeyExchanges
{
    public static bool IsSupported(KeyExchangeMethod method) => throw new NotImplementedException();

    /// <summary>Octets of the public value on the wire; 0 for a method that is not known.</summary>
    public static int PublicValueLength(KeyExchangeMethod method) => throw new NotImplementedException();

    /// <summary>Draws a private value from <paramref name="random"/> and computes the public one.</summary>
    public static IKeyExchange Create(KeyExchangeMethod method, IRandomSource random) => throw new NotImplementedException();
}
