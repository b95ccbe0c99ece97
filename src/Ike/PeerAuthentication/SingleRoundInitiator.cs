using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>Both sides prove themselves with one AUTH each, initiator's side (RFC 7296 §2.15).</summary>
sealed class SingleRoundInitiator : InitiatorAuthentication
{
    readonly AuthenticationSituation _situation;
    readonly ConnectionConfiguration _connection;
    readonly Identity _localIdentity;
    readonly OwnProof _proof;
    readonly PostquantumChoice? _postquantum;

    public SingleRoundInitiator(AuthenticationSituation situation, ConnectionConfiguration connection, Identity localIdentity)
    {
        _situation = situation;
        _connection = connection;
        _localIdentity = localIdentity;
        _proof = new OwnProof(situation, connection, localIdentity, situation.Peer.CertificateAuthorities.Span);
        _postquantum = PostquantumChoice.Offer(situation, connection);
    }

    IpAddress RemoteAddress => _situation.Path.Remote.Address;

    // Asked for anew each time: a reload may have replaced them.
    ImmutableArray<PresharedKey> PresharedKeys => _situation.Context.Configuration.PresharedKeys;

    /// <summary>RFC 7296 §1.2: IDr names the responder's identity that is wanted, which a pattern cannot.</summary>
    Identity? AskedFor => _connection.RemoteIdentity is Identity identity && !IdentityMatching.IsPattern(identity) ? identity : null;

    public override void Begin(Action<InitiatorRound, Instant> report, Instant now)
    {
        if (_postquantum is null && _connection.RequiresPostquantumKey)
        {
            report(Failed(AuthenticationReasons.NoPostquantumSupport()), now);
            return;
        }
        var identity = new IdentificationPayload(PayloadType.IdentificationInitiator, _localIdentity);
        // Before the peer has said who it is, the configured identity names the key, or else its address.
        Secret? key = PresharedKeySelection.Find(PresharedKeys, _localIdentity, _connection.RemoteIdentity ?? Identity.From(RemoteAddress), RemoteAddress);
        _proof.Begin(Octets(identity, _postquantum), key, (result, at) =>
        {
            if (result is not OwnProofResult.Made main)
                report(Unprovable(result), at);
            else if (_postquantum is null)
                report(new InitiatorRound.Continue([.. Payloads(identity), main.Payload]), at);
            else if (_connection.RequiresPostquantumKey)
                report(new InitiatorRound.Continue([.. Payloads(identity), main.Payload, PpkIdentity(_postquantum)]), at);
            else
                AddProofWithoutPostquantumKey(identity, main.Payload, key, report, at);
        }, now);
    }

    public override void Read(IkeMessage response, Action<InitiatorRound, Instant> report, Instant now) => report(Judge(response, now), now);

    public override void End()
    {
        _proof.Cancel();
        _postquantum?.Dispose();
    }

    /// <summary>RFC 8784 §3: NO_PPK_AUTH is what AUTH would be without the key, so that a responder that does not have it can go on.</summary>
    void AddProofWithoutPostquantumKey(IdentificationPayload identity, AuthenticationPayload main, Secret? key, Action<InitiatorRound, Instant> report,
        Instant now) =>
        _proof.Begin(Octets(identity, null), key, (result, at) => report(result is OwnProofResult.Made plain
            ? new InitiatorRound.Continue([.. Payloads(identity), main, PpkIdentity(_postquantum!),
                new NotifyPayload(NotifyType.NoPpkAuth, plain.Payload.Data)])
            : Unprovable(result), at), now);

    byte[] Octets(IdentificationPayload identity, PostquantumChoice? postquantum) =>
        SignedOctets.OfInitiator(_situation.Suite.Prf, _situation.Messages, postquantum?.Keys.SkPi ?? _situation.Keys.SkPi, identity);

    static NotifyPayload PpkIdentity(PostquantumChoice postquantum) => PostquantumKeyIdentity.ToNotify(postquantum.Key.IdentityOctets);

    /// <summary>IDi, [CERT,] [CERTREQ,] [IDr].</summary>
    IEnumerable<Payload> Payloads(IdentificationPayload identity) =>
    [
        identity, .. _proof.Certificates, .. CertificateRequestTask.Request([_connection.RemoteAuthentication]),
        .. AskedFor is Identity asked ? [new IdentificationPayload(PayloadType.IdentificationResponder, asked)] : Array.Empty<Payload>(),
    ];

    InitiatorRound Judge(IkeMessage response, Instant now)
    {
        IdentificationPayload identity = response.Find<IdentificationPayload>(PayloadType.IdentificationResponder)!;
        if (_connection.RemoteIdentity is Identity expected && !IdentityMatching.Fits(expected, identity.Identity))
            return Failed(AuthenticationReasons.OtherIdentity(identity.Identity, expected, _connection));
        // RFC 8784 §3: the responder says with this notify that it used the key.
        bool usesPostquantum = _postquantum is not null && response.FindNotify(NotifyType.PpkIdentity) is not null;
        if (!usesPostquantum && _connection.RequiresPostquantumKey)
            return Failed(AuthenticationReasons.PostquantumKeyNotUsed(_connection));
        Secret skPr = usesPostquantum ? _postquantum!.Keys.SkPr : _situation.Keys.SkPr;
        using var proof = new PeerProof(_situation, response, response.Find<AuthenticationPayload>()!, identity.Identity,
            SignedOctets.OfResponder(_situation.Suite.Prf, _situation.Messages, skPr, identity));
        var candidate = new ConnectionCandidate(_connection, _localIdentity,
            PresharedKeySelection.Find(PresharedKeys, _localIdentity, identity.Identity, RemoteAddress));
        proof.Verify([candidate], [_connection], now);
        if (proof.Judge(candidate) is Reason reason)
            return Failed(reason);
        if (usesPostquantum)
            _postquantum!.Use(_situation.Keys);
        return new InitiatorRound.Succeeded(identity.Identity, proof.Note + (usesPostquantum ? $", ppk {_postquantum!.Key.Identity}" : ""));
    }

    static InitiatorRound.Failed Failed(Reason reason) => new([reason]);

    static InitiatorRound.Failed Unprovable(OwnProofResult result) =>
        Failed(AuthenticationReasons.NotForUs(result is OwnProofResult.Failed failed ? failed.Reason : "We could not prove who we are."));
}
