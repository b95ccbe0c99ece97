using Ipsec.Crypto;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>Octets of prf+ that keys are taken from, front to back (RFC 7296 §2.13). Cleared when disposed; the keys taken are copies.</summary>
ref struct KeyMaterial : IDisposable
{
    readonly SecretBuffer _octets;
    int _taken;

    KeyMaterial(SecretBuffer octets) => _octets = octets;

    /// <summary>prf+ (key, seed) of the given length.</summary>
    public static KeyMaterial Expand(PseudorandomFunction prf, Secret key, ReadOnlySpan<byte> seed, int length)
    {
        var octets = new SecretBuffer(length);
        Prf.Plus(prf, key.Span, seed, octets.Reserve(length));
        return new KeyMaterial(octets);
    }

    /// <summary>The next <paramref name="length"/> octets as a key with an owner of its own; none gives an empty key.</summary>
    public Secret Take(int length)
    {
        var key = new Secret(_octets.Span.Slice(_taken, length));
        _taken += length;
        return key;
    }

    public readonly void Dispose() => _octets.Dispose();
}
