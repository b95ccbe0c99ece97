using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Operations;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>How this side proves one identity to one peer: CERT payloads and AUTH. A signature is an operation; a pre-shared key is used at once.</summary>
sealed class OwnProof
{
    readonly AuthenticationSituation _situation;
    readonly LocalAuthentication _local;
    readonly SigningChoice? _signing;
    PendingOperation? _operation;

    /// <param name="askedAuthorities">The hashes of the peer's CERTREQ, one behind the other.</param>
    public OwnProof(AuthenticationSituation situation, ConnectionConfiguration connection, Identity identity, ReadOnlySpan<byte> askedAuthorities)
    {
        _situation = situation;
        _local = connection.LocalAuthentication;
        if (_local is LocalAuthentication.SignatureAuthentication signature)
            _signing = SigningChoice.Find(signature, identity, askedAuthorities, situation.Peer.SignatureHashAlgorithms,
                connection.RemoteAuthentication.KnownAuthorities);
    }

    /// <summary>CERT payloads, the certificate of the key first (RFC 7296 §3.6).</summary>
    public ImmutableArray<Payload> Certificates => _signing?.Signer switch
    {
        null => [],
        { Certificate: null } raw => [new CertificatePayload(CertificateEncoding.RawPublicKey, raw.Key.PublicKey.Encoding.ToArray())],
        LocalSigner signer => [.. signer.Chain.Select(certificate =>
            new CertificatePayload(CertificateEncoding.X509Signature, certificate.Encoding.ToArray()))],
    };

    /// <summary>Makes AUTH over these octets (see <see cref="SignedOctets"/>).</summary>
    /// <param name="presharedKey">Null where there is none; nothing that it makes is accepted then. Not used for signatures.</param>
    public void Begin(byte[] octets, Secret? presharedKey, Action<OwnProofResult, Instant> done, Instant now)
    {
        if (_local is LocalAuthentication.PresharedKeyAuthentication)
        {
            byte[] authentication = PresharedKeyAuthentication.Compute(_situation.Suite.Prf, presharedKey ?? Selection.PresharedKeySelection.NoKey, octets);
            done(new OwnProofResult.Made(new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, authentication)), now);
            return;
        }
        if (_signing is not SigningChoice choice)
        {
            done(new OwnProofResult.Failed("No key of ours makes a signature by a method that the peer announced (RFC 7427 §4)."), now);
            return;
        }
        _operation = _situation.Context.Operations.Request(new SignOperation(choice.Signer.Key, choice.Method, octets), (result, at) =>
        {
            _operation = null;
            done(result switch
            {
                Signed signed => new OwnProofResult.Made(SignaturePayload.Write(choice.Method, choice.IsDigitalSignature, signed.Signature)),
                OperationFailed failed => new OwnProofResult.Failed($"We could not sign: {failed.Reason}"),
                _ => new OwnProofResult.Failed("We could not sign: the answer is none."),
            }, at);
        }, now);
    }

    public void Cancel()
    {
        _operation?.Cancel();
        _operation = null;
    }
}

/// <summary>What came of <see cref="OwnProof.Begin"/>.</summary>
abstract record OwnProofResult
{
    public sealed record Made(AuthenticationPayload Payload) : OwnProofResult;

    /// <param name="Reason">One sentence, for our own events.</param>
    public sealed record Failed(string Reason) : OwnProofResult;
}
