using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>Which parser reads which payload type, RFC 7296 §3.2.</summary>
static class PayloadReader
{
    /// <summary>Adds the payload's value, or nothing for one that is unknown and not critical.</summary>
    public static PeerFault Read(PayloadView view, ImmutableArray<Payload>.Builder payloads)
    {
        if (!IsKnown(view.Type))
            // RFC 7296 §2.5: unknown and critical rejects the message, unknown alone is skipped.
            return view.IsCritical ? PeerFault.UnknownCriticalPayload : PeerFault.None;
        // These are taken apart before the payloads are read; inside one another they have no meaning.
        if (view.Type is PayloadType.Encrypted or PayloadType.EncryptedFragment)
            return PeerFault.UnexpectedPayload;
        if (Parse(view) is not Payload payload)
            return PeerFault.InvalidSyntax;
        payloads.Add(view.IsCritical ? payload with { IsCritical = true } : payload);
        return PeerFault.None;
    }

    /// <summary>Defined in RFC 7296 §3.2 or RFC 7383 §2.5.</summary>
    public static bool IsKnown(PayloadType type) =>
        type is >= PayloadType.SecurityAssociation and <= PayloadType.ExtensibleAuthentication or PayloadType.EncryptedFragment;

    static Payload? Parse(PayloadView view) => view.Type switch
    {
        PayloadType.SecurityAssociation => SecurityAssociationPayload.Parse(view.Body),
        PayloadType.KeyExchange => KeyExchangePayload.Parse(view.Body),
        PayloadType.IdentificationInitiator or PayloadType.IdentificationResponder => IdentificationPayload.Parse(view.Type, view.Body),
        PayloadType.Authentication => AuthenticationPayload.Parse(view.Body),
        PayloadType.Certificate => CertificatePayload.Parse(view.Body),
        PayloadType.CertificateRequest => CertificateRequestPayload.Parse(view.Body),
        PayloadType.Nonce => NoncePayload.Parse(view.Body),
        PayloadType.Notify => NotifyPayload.Parse(view.Body),
        PayloadType.Delete => DeletePayload.Parse(view.Body),
        PayloadType.VendorId => new VendorIdPayload(view.Body.ToArray()),
        PayloadType.TrafficSelectorInitiator or PayloadType.TrafficSelectorResponder => TrafficSelectorPayload.Parse(view.Type, view.Body),
        PayloadType.Configuration => ConfigurationPayload.Parse(view.Body),
        _ => new OpaquePayload(view.Type, view.Body.ToArray()),
    };
}
