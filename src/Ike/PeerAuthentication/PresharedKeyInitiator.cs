using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>Authentication with a pre-shared key, initiator's side: one round (RFC 7296 §2.15). Keys and configuration are borrowed.</summary>
sealed class PresharedKeyInitiator(EngineContext context, ConnectionConfiguration connection, IpAddress remoteAddress, Identity localIdentity,
    IkeSuite suite, IkeKeys keys, InitialMessages messages) : InitiatorAuthentication
{
    // Asked for anew each time: a reload may have replaced them.
    ImmutableArray<PresharedKey> PresharedKeys => context.Configuration.PresharedKeys;

    public override ImmutableArray<Payload> Begin()
    {
        var identity = new IdentificationPayload(PayloadType.IdentificationInitiator, localIdentity);
        // Before the peer has said who it is, the configured identity names the key, or else its address.
        Secret key = PresharedKeySelection.Find(PresharedKeys, localIdentity, connection.RemoteIdentity ?? Identity.From(remoteAddress), remoteAddress)
            ?? PresharedKeySelection.NoKey;
        byte[] authentication = PresharedKeyAuthentication.Compute(suite.Prf, key, messages.Request, messages.NonceR, keys.SkPi, identity);
        ImmutableArray<Payload>.Builder payloads = ImmutableArray.CreateBuilder<Payload>();
        payloads.Add(identity);
        if (connection.RemoteIdentity is not null)
            payloads.Add(new IdentificationPayload(PayloadType.IdentificationResponder, connection.RemoteIdentity));
        payloads.Add(new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, authentication));
        return payloads.DrainToImmutable();
    }

    public override AuthenticationRound Read(IkeMessage response)
    {
        IdentificationPayload identity = response.Find<IdentificationPayload>(PayloadType.IdentificationResponder)!;
        AuthenticationPayload received = response.Find<AuthenticationPayload>()!;
        if (connection.RemoteIdentity is not null && !connection.RemoteIdentity.Equals(identity.Identity))
        {
            return new AuthenticationRound.Failed([Reasons.Known("authentication-failed",
                $"The peer says it is {identity.Identity}, and connection {connection.Name} expects {connection.RemoteIdentity}.")]);
        }
        if (PresharedKeySelection.Find(PresharedKeys, localIdentity, identity.Identity, remoteAddress) is not Secret key)
        {
            return new AuthenticationRound.Failed([Reasons.Known("authentication-failed",
                $"There is no pre-shared key for {localIdentity} and {identity.Identity}.")]);
        }
        byte[] expected = PresharedKeyAuthentication.Compute(suite.Prf, key, messages.Response, messages.NonceI, keys.SkPr, identity);
        return PresharedKeyAuthentication.Verify(received, expected)
            ? new AuthenticationRound.Succeeded(identity.Identity, "psk ok")
            : new AuthenticationRound.Failed([Reasons.Known("authentication-failed",
                $"AUTH of {identity.Identity} does not verify: the peer does not have the same pre-shared key.")]);
    }
}
