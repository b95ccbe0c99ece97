using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tasks;

/// <summary>The keys of an IKE SA from a finished key exchange, and their way to the explicit key log (D9).</summary>
static class InitialKeys
{
    /// <summary>RFC 7296 §2.14. The shared secret is used up.</summary>
    public static IkeKeys Derive(IkeSa sa, IkeSuite suite, Secret sharedSecret, ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR)
    {
        using Secret seed = SkeySeed.Derive(suite.Prf, nonceI, nonceR, sharedSecret);
        sharedSecret.Dispose();
        return Expand(sa, suite, seed, nonceI, nonceR);
    }

    /// <summary>RFC 7296 §2.18: the old IKE SA's SK_d and its PRF take part. The shared secret is used up.</summary>
    public static IkeKeys DeriveForRekey(IkeSa sa, IkeSuite suite, PseudorandomFunction oldPrf, Secret oldSkD, Secret sharedSecret,
        ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR, Secret? additionalSecret = null)
    {
        using Secret seed = SkeySeed.DeriveForRekey(oldPrf, oldSkD, sharedSecret, nonceI, nonceR, additionalSecret);
        sharedSecret.Dispose();
        return Expand(sa, suite, seed, nonceI, nonceR);
    }

    /// <summary>
    /// RFC 9370 §2.2.2, after an additional key exchange: SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni | Nr), and all keys from it. The shared secret is used up.
    /// </summary>
    public static IkeKeys DeriveAdditional(IkeSa sa, ProtectedChannel channel, Secret sharedSecret, InitialMessages messages) =>
        DeriveForRekey(sa, channel.Suite, channel.Suite.Prf, channel.Keys.SkD, sharedSecret, messages.NonceI, messages.NonceR);

    static IkeKeys Expand(IkeSa sa, IkeSuite suite, Secret seed, ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR)
    {
        var keys = IkeKeys.Derive(suite, seed, nonceI, nonceR, sa.InitiatorSpi, sa.ResponderSpi);
        if (sa.Context.Options.EmitKeys)
        {
            // Copies of their own: the receiver of the event disposes them.
            sa.Context.Emit(new IkeKeysDerived(sa.InitiatorSpi, sa.ResponderSpi, suite, keys.SkEi.Clone(), keys.SkEr.Clone(), keys.SkAi.Clone(),
                keys.SkAr.Clone())
            { Connection = sa.ConnectionName, IkeSa = sa.Id });
        }
        return keys;
    }
}
