using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>Both sides prove themselves with one AUTH each, initiator's side (RFC 7296 §2.15).</summary>
sealed class SingleRoundInitiator(AuthenticationSituation situation, ConnectionConfiguration connection, Identity localIdentity) : InitiatorAuthentication
{
    IpAddress RemoteAddress => situation.Path.Remote.Address;

    // Asked for anew each time: a reload may have replaced them.
    ImmutableArray<PresharedKey> PresharedKeys => situation.Context.Configuration.PresharedKeys;

    public override void Begin(Action<InitiatorRound, Instant> report, Instant now)
    {
        var identity = new IdentificationPayload(PayloadType.IdentificationInitiator, localIdentity);
        // Before the peer has said who it is, the configured identity names the key, or else its address.
        Secret key = PresharedKeySelection.Find(PresharedKeys, localIdentity, connection.RemoteIdentity ?? Identity.From(RemoteAddress), RemoteAddress)
            ?? PresharedKeySelection.NoKey;
        byte[] octets = SignedOctets.OfInitiator(situation.Suite.Prf, situation.Messages, situation.Keys.SkPi, identity);
        byte[] authentication = PresharedKeyAuthentication.Compute(situation.Suite.Prf, key, octets);
        ImmutableArray<Payload>.Builder payloads = ImmutableArray.CreateBuilder<Payload>();
        payloads.Add(identity);
        if (connection.RemoteIdentity is not null)
            payloads.Add(new IdentificationPayload(PayloadType.IdentificationResponder, connection.RemoteIdentity));
        payloads.Add(new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, authentication));
        report(new InitiatorRound.Continue(payloads.DrainToImmutable()), now);
    }

    public override void Read(IkeMessage response, Action<InitiatorRound, Instant> report, Instant now) => report(Judge(response), now);

    public override void Cancel()
    {
    }

    InitiatorRound Judge(IkeMessage response)
    {
        IdentificationPayload identity = response.Find<IdentificationPayload>(PayloadType.IdentificationResponder)!;
        AuthenticationPayload received = response.Find<AuthenticationPayload>()!;
        if (connection.RemoteIdentity is not null && !connection.RemoteIdentity.Equals(identity.Identity))
        {
            return new InitiatorRound.Failed([Reasons.Known("authentication-failed",
                $"The peer says it is {identity.Identity}, and connection {connection.Name} expects {connection.RemoteIdentity}.")]);
        }
        if (PresharedKeySelection.Find(PresharedKeys, localIdentity, identity.Identity, RemoteAddress) is not Secret key)
        {
            return new InitiatorRound.Failed([Reasons.Known("authentication-failed",
                $"There is no pre-shared key for {localIdentity} and {identity.Identity}.")]);
        }
        byte[] octets = SignedOctets.OfResponder(situation.Suite.Prf, situation.Messages, situation.Keys.SkPr, identity);
        byte[] expected = PresharedKeyAuthentication.Compute(situation.Suite.Prf, key, octets);
        return PresharedKeyAuthentication.Verify(received, expected)
            ? new InitiatorRound.Succeeded(identity.Identity, "psk ok")
            : new InitiatorRound.Failed([Reasons.Known("authentication-failed",
                $"AUTH of {identity.Identity} does not verify: the peer does not have the same pre-shared key.")]);
    }
}
