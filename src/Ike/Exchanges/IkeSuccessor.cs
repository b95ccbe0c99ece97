using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>The new IKE SA of a rekey: new SPIs and keys, the same peers, path and connection; message IDs begin at 0 (RFC 7296 §1.3.2, §2.18).</summary>
static class IkeSuccessor
{
    /// <param name="isInitiator">We began the rekey, which makes us its original initiator.</param>
    /// <param name="sharedSecret">Used up.</param>
    public static EstablishedIkeSa Create(EstablishedIkeSa old, bool isInitiator, ulong initiatorSpi, ulong responderSpi, IkeSuite suite, Secret sharedSecret,
        ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR, Instant now, Secret? additionalSecret = null)
    {
        var sa = new IkeSa(old.Sa.Context, old.Sa.Context.NextIkeSaId(), isInitiator, initiatorSpi, responderSpi, old.Sa.Path, now)
        {
            Nat = old.Sa.Nat,
            Mobility = old.Sa.Mobility,
            Capabilities = old.Sa.Capabilities,
            FragmentSize = old.Sa.FragmentSize,
            ConnectionName = old.Sa.ConnectionName,
            Retransmission = old.Sa.Retransmission,
        };
        IkeKeys keys = InitialKeys.DeriveForRekey(sa, suite, old.Channel.Suite.Prf, old.Channel.Keys.SkD, sharedSecret, nonceI, nonceR, additionalSecret);
        var channel = new ProtectedChannel(sa, suite, keys, nextRequestId: 0, expectedId: 0, now);
        var successor = new EstablishedIkeSa(sa, channel, old.Connection, old.LocalIdentity, old.RemoteIdentity, now, old.Origin) { Internal = old.Internal };
        sa.Become(successor);
        sa.Context.Sas.Add(sa);
        return successor;
    }
}
