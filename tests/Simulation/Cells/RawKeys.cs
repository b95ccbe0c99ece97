using Ipsec.Crypto.Signatures;

namespace Ipsec.Simulation.Cells;

/// <summary>Ed25519 keys of every hub and every spoke: their signatures are the same each time, so that a run stays the same.</summary>
static class RawKeys
{
    // PKCS#8 of an Ed25519 key (RFC 8410 §7) up to its 32 octets.
    static readonly byte[] Ed25519Prefix = Convert.FromHexString("302e020100300506032b657004220420");

    public static SigningKey OfHub { get; } = Make(1);

    public static SigningKey OfSpoke { get; } = Make(2);

    public static SigningKey Make(byte filling)
    {
        byte[] seed = new byte[32];
        seed.AsSpan().Fill(filling);
        return SigningKey.TryRead([.. Ed25519Prefix, .. seed], default, out SigningKey? key, out string? error)
            ? key : throw new InvalidOperationException(error);
    }
}
