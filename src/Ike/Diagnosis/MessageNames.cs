using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Diagnosis;

/// <summary>Short names of exchanges and payloads, as the RFC's arrow diagrams write them.</summary>
static class MessageNames
{
    public static string Exchange(ExchangeType exchange) => exchange switch
    {
        ExchangeType.IkeSaInit => "IKE_SA_INIT",
        ExchangeType.IkeAuth => "IKE_AUTH",
        ExchangeType.CreateChildSa => "CREATE_CHILD_SA",
        ExchangeType.Informational => "INFORMATIONAL",
        ExchangeType.IkeIntermediate => "IKE_INTERMEDIATE",
        ExchangeType.IkeFollowupKe => "IKE_FOLLOWUP_KE",
        _ => $"EXCHANGE_{(byte)exchange}",
    };

    public static ImmutableArray<string> Payloads(ImmutableArray<Payload> payloads, in IkeHeader header)
    {
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>(payloads.Length);
        foreach (Payload payload in payloads)
            names.Add(Name(payload, header.IsRequest));
        return names.DrainToImmutable();
    }

    /// <summary>NO_PROPOSAL_CHOSEN and its kind; a number where the type is not known.</summary>
    public static string Notify(NotifyType type) => Enum.IsDefined(type) ? UpperSnake(type.ToString()) : $"NOTIFY_{(ushort)type}";

    static string Name(Payload payload, bool isRequest) => payload switch
    {
        SecurityAssociationPayload association => isRequest ? $"SA({association.Proposals.Length})" : "SA",
        KeyExchangePayload exchange => $"KE({Group(exchange.Method)})",
        NoncePayload => isRequest ? "Ni" : "Nr",
        NotifyPayload { NotifyType: NotifyType.NatDetectionSourceIp or NotifyType.NatDetectionDestinationIp } => "NATD",
        NotifyPayload notify => $"N({Notify(notify.NotifyType)})",
        DeletePayload { Protocol: ProtocolId.Ike } => "D(IKE)",
        DeletePayload delete => $"D(ESP {string.Join(' ', delete.Spis.Select(spi => spi.ToString("x8")))})",
        VendorIdPayload => "V",
        _ => payload.Type switch
        {
            PayloadType.IdentificationInitiator => "IDi",
            PayloadType.IdentificationResponder => "IDr",
            PayloadType.Authentication => "AUTH",
            PayloadType.TrafficSelectorInitiator => "TSi",
            PayloadType.TrafficSelectorResponder => "TSr",
            PayloadType.Certificate => "CERT",
            PayloadType.CertificateRequest => "CERTREQ",
            PayloadType.Configuration => "CP",
            PayloadType.ExtensibleAuthentication => "EAP",
            _ => $"PAYLOAD_{(byte)payload.Type}",
        },
    };

    public static string Group(ushort method) => (KeyExchangeMethod)method switch
    {
        KeyExchangeMethod.Curve25519 => "x25519",
        KeyExchangeMethod known when Enum.IsDefined(known) => known.ToString().ToLowerInvariant(),
        _ => $"group {method}",
    };

    static string UpperSnake(string name)
    {
        var text = new StringBuilder();
        foreach (char character in name)
        {
            if (char.IsUpper(character) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToUpperInvariant(character));
        }
        return text.ToString();
    }
}
