using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>
/// What the peer sent to prove an identity: AUTH, and CERT where it signs. First everything is computed that any of the connections in question could
/// need, as often for a wrong key, an unknown identity and a foreign certificate as for the right one; then each connection is judged by looking.
/// </summary>
sealed class PeerProof : IDisposable
{
    // Bounds of ours on what one AUTH can make us compute.
    const int MostKeys = 8;
    const int MostTrusts = 8;

    readonly AuthenticationSituation _situation;
    readonly AuthenticationPayload _payload;
    readonly Identity _identity;
    readonly byte[] _octets;
    readonly SignatureMethod? _method;
    readonly ReadOnlyMemory<byte> _signature;
    readonly PresentedCertificates _presented;
    readonly List<(Secret Key, bool IsRight)> _presharedKeys = [];
    readonly List<(PublicKey Key, bool IsRight)> _publicKeys = [];
    readonly List<(RemoteAuthentication Trust, CertificateVerdict Verdict)> _verdicts = [];

    /// <param name="payload">Its AUTH, or what takes its place.</param>
    /// <param name="identity">The peer's.</param>
    /// <param name="octets">What its AUTH must cover.</param>
    public PeerProof(AuthenticationSituation situation, IkeMessage message, AuthenticationPayload payload, Identity identity, byte[] octets)
    {
        _situation = situation;
        _payload = payload;
        _identity = identity;
        _octets = octets;
        _presented = IsPresharedKey ? PresentedCertificates.None : PresentedCertificates.Read(message);
        SignaturePayload.TryRead(_payload, out _method, out _signature);
    }

    bool IsPresharedKey => _payload.Method == AuthenticationMethod.SharedKeyMessageIntegrityCode;

    /// <summary>For the ladder: "psk ok", "rsa-pss-sha256 of CN=branch ok".</summary>
    public string Note => IsPresharedKey ? "psk ok" : $"{_method} of {_presented.EndEntity?.ToString() ?? "a raw public key"} ok";

    /// <summary>Computes.</summary>
    /// <param name="named">Those that the identities allow.</param>
    /// <param name="all">All that the addresses allow. How often something is computed follows from these, not from the identity.</param>
    public void Verify(IReadOnlyList<ConnectionCandidate> named, ImmutableArray<ConnectionConfiguration> all, Instant now)
    {
        if (_method is null)
            VerifyPresharedKeys(named, all);
        else
            VerifySignature(named, all, now);
    }

    /// <summary>Why this proof does not do for that connection; null if it does.</summary>
    public Reason? Judge(ConnectionCandidate candidate)
    {
        RemoteAuthentication remote = candidate.Connection.RemoteAuthentication;
        if (IsPresharedKey)
        {
            return !remote.AllowsPresharedKey ? AuthenticationReasons.WrongWay(_identity, "a pre-shared key", candidate.Connection)
                : candidate.Key is not Secret key ? AuthenticationReasons.NoKey(candidate.Local, _identity)
                : _presharedKeys.Exists(verdict => verdict.Key == key && verdict.IsRight) ? null
                : AuthenticationReasons.WrongKey(_identity);
        }
        if (_method is null)
            return AuthenticationReasons.UnknownMethod(_identity, _payload);
        if (!remote.AllowsSignature)
            return AuthenticationReasons.WrongWay(_identity, "a signature", candidate.Connection);
        if (!remote.Accepts(_method, _payload.Method == AuthenticationMethod.DigitalSignature))
            return AuthenticationReasons.MethodNotAccepted(_identity, _method, candidate.Connection);
        return JudgeSignature(remote);
    }

    public void Dispose() => _presented.Dispose();

    Reason? JudgeSignature(RemoteAuthentication remote)
    {
        foreach ((PublicKey key, bool isRight) in _publicKeys)
        {
            if (isRight && remote.Trusts(key))
                return null;
        }
        if (!_publicKeys.Exists(verdict => verdict.IsRight))
            return _presented.Key is null ? AuthenticationReasons.NoCertificate(_identity)
                : AuthenticationReasons.WrongSignature(_identity, _method!, _presented);
        if (_presented.EndEntity is not Certificate certificate || remote.Trust is null)
            return AuthenticationReasons.UnknownPublicKey(_identity);
        CertificateVerdict? verdict = _verdicts.Find(entry => IsSameTrust(entry.Trust, remote)).Verdict;
        return verdict is not { IsTrusted: true } ? AuthenticationReasons.NotTrusted(certificate, verdict)
            : IdentityMatching.CertificateHas(certificate, _identity) ? null
            : AuthenticationReasons.CertificateOfAnother(certificate, _identity);
    }

    /// <summary>One PRF for each of our identities that a connection could have: as many keys as that can apply to one identity of the peer.</summary>
    void VerifyPresharedKeys(IReadOnlyList<ConnectionCandidate> named, ImmutableArray<ConnectionConfiguration> all)
    {
        int rounds = Math.Min(MostKeys, all.Select(connection => connection.LocalIdentity).Distinct().Count());
        foreach (ConnectionCandidate candidate in named)
        {
            if (candidate.Key is Secret key && _presharedKeys.Count < rounds && !_presharedKeys.Exists(verdict => verdict.Key == key))
                _presharedKeys.Add((key, IsMadeWith(key)));
        }
        for (int round = _presharedKeys.Count; round < rounds; round++)
            IsMadeWith(PresharedKeySelection.NoKey);
    }

    bool IsMadeWith(Secret key)
    {
        _situation.Context.Counters.Add("authentication-prf");
        return PresharedKeyAuthentication.Verify(_payload, PresharedKeyAuthentication.Compute(_situation.Suite.Prf, key, _octets));
    }

    void VerifySignature(IReadOnlyList<ConnectionCandidate> named, ImmutableArray<ConnectionConfiguration> all, Instant now)
    {
        foreach (PublicKey key in KeysToTry(named, all).Take(MostKeys))
        {
            _situation.Context.Counters.Add("authentication-signature");
            _publicKeys.Add((key, key.Verify(_method!, _octets, _signature.Span)));
        }
        if (_presented.EndEntity is not Certificate certificate)
            return;
        // Within the bound those come first that the identities allow.
        IEnumerable<ConnectionConfiguration> inOrder = named.Select(candidate => candidate.Connection).Concat(all);
        foreach (RemoteAuthentication remote in inOrder.Select(connection => connection.RemoteAuthentication).Where(remote => remote.Trust is not null))
        {
            if (_verdicts.Count == MostTrusts || _verdicts.Exists(entry => IsSameTrust(entry.Trust, remote)))
                continue;
            _situation.Context.Counters.Add("authentication-path");
            _verdicts.Add((remote, remote.Trust!.Validate(certificate, _presented.Others, remote.Revocation, now.Utc)));
        }
    }

    /// <summary>
    /// RFC 7296 §3.6: the first CERT is the one that AUTH was made with. A peer whose key is configured need not send any (§1.2).
    /// An identity that is not known costs as much as one with a single key.
    /// </summary>
    IEnumerable<PublicKey> KeysToTry(IReadOnlyList<ConnectionCandidate> named, ImmutableArray<ConnectionConfiguration> all)
    {
        if (_presented.Key is PublicKey presented)
            return [presented];
        PublicKey[] configured = [.. named.SelectMany(candidate => candidate.Connection.RemoteAuthentication.TrustedKeys).Distinct()];
        return configured.Length > 0 ? configured : all.SelectMany(connection => connection.RemoteAuthentication.TrustedKeys).Take(1);
    }

    static bool IsSameTrust(RemoteAuthentication left, RemoteAuthentication right) =>
        left.Revocation == right.Revocation && Equals(left.Trust, right.Trust);
}
