using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.PeerAuthentication;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Diagnosis;

/// <summary>
/// Why authentication failed (RFC 7296 §2.21.2). On the wire a wrong key and a wrong identity look alike, on purpose: what the responder
/// knows is for its own events only.
/// </summary>
static class AuthenticationReasons
{
    public static ImmutableArray<Reason> PeerRefused(NotifyPayload error, Identity local, ConnectionConfiguration connection)
    {
        if (error.NotifyType != NotifyType.AuthenticationFailed)
            return [Reasons.Known(Reasons.Code(error.NotifyType), $"The peer refused IKE_AUTH with {MessageNames.Notify(error.NotifyType)}.")];
        ImmutableArray<Reason>.Builder reasons = ImmutableArray.CreateBuilder<Reason>();
        reasons.Add(Reasons.Known("authentication-failed", "The peer answered IKE_AUTH with AUTHENTICATION_FAILED."));
        reasons.Add(Reasons.Likely("authentication-failed",
            connection.LocalAuthentication is LocalAuthentication.SignatureAuthentication { Signers: [LocalSigner signer, ..] }
            ? $"The peer does not trust {(signer.Certificate is Certificate own ? $"our certificate of {own}" : "our public key")}, or does not accept how " +
                "we sign."
            : "The pre-shared keys of the two sides differ."));
        reasons.Add(Reasons.Likely("authentication-failed", $"The peer expects another identity than {local}"
            + (connection.RemoteIdentity is Identity remote ? $", or is not {remote}." : ".")));
        return reasons.DrainToImmutable();
    }

    public static Reason UnknownIdentity(Identity remote, Identity? asked) => Reasons.Known("authentication-failed",
        $"No connection from this address is for the identity {remote}{(asked is null ? "" : $" asking for {asked}")}. It is configured here under another " +
            "identity, or not at all.");

    public static Reason NoKey(Identity local, Identity remote) =>
        Reasons.Known("authentication-failed", $"There is no pre-shared key for {local} and {remote}.");

    public static Reason WrongKey(Identity remote) => Reasons.Known("authentication-failed",
        $"AUTH of {remote} does not verify: its pre-shared key is not the one configured here.");

    public static Reason WrongWay(Identity remote, string way, ConnectionConfiguration connection) => Known(
        $"{remote} authenticates with {way}, which connection {connection.Name} does not allow.");

    public static Reason UnknownMethod(Identity remote, AuthenticationPayload payload) => Known(
        $"{remote} authenticates by a method that is not accepted here: authentication method {(byte)payload.Method}"
        + (payload.Method == AuthenticationMethod.DigitalSignature ? " with an AlgorithmIdentifier that is not known." : "."));

    public static Reason MethodNotAccepted(Identity remote, SignatureMethod method, ConnectionConfiguration connection) => Known(
        $"{remote} signs with {method}, which connection {connection.Name} does not accept.");

    public static Reason WrongSignature(Identity remote, SignatureMethod method, PresentedCertificates presented) => Known(
        $"AUTH of {remote}, a signature by {method}, does not verify with the public key of " +
            $"{presented.EndEntity?.ToString() ?? "the raw public key that it sent"}.");

    public static Reason NoCertificate(Identity remote) => Known(
        $"{remote} signs, but sent no certificate or public key that can be used, and none that is configured here verifies the signature.");

    public static Reason UnknownPublicKey(Identity remote) => Known($"The public key of {remote} is none of those configured here.");

    public static Reason NotTrusted(Certificate certificate, CertificateVerdict? verdict) => Known(
        $"The certificate {certificate} is not trusted: {verdict?.Text ?? "it was not checked, because too many trust settings apply to this address."}");

    public static Reason CertificateOfAnother(Certificate certificate, Identity remote) => Known(
        $"The certificate {certificate} is trusted, but does not have the identity {remote}: neither its subject nor a subjectAltName is that.");

    public static Reason OtherIdentity(Identity remote, Identity expected, ConnectionConfiguration connection) => Known(
        $"The peer says it is {remote}, and connection {connection.Name} expects {expected}.");

    public static Reason NoPostquantumSupport() => Known(
        "This connection requires a post-quantum preshared key, and the peer did not answer USE_PPK in IKE_SA_INIT (RFC 8784).");

    public static Reason PostquantumKeyNotUsed(ConnectionConfiguration connection) => Known(
        $"Connection {connection.Name} requires a post-quantum preshared key, and the two sides have none of the same PPK_ID.");

    public static Reason PostquantumKeyOfAnother(string identity, ConnectionConfiguration connection) => Known(
        $"The peer uses the post-quantum preshared key {identity}, which connection {connection.Name} does not have.");

    public static Reason Duplicate(Identity remote) => Reasons.Known("authentication-failed",
        $"{remote} already has an IKE SA, and the duplicate policy keeps the older one.");

    public static Reason NotForUs(string text) => Known(text);

    static Reason Known(string text) => Reasons.Known("authentication-failed", text);
}
