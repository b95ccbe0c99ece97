using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;

namespace Ipsec.Ike.Associations;

/// <summary>Everything two sides agreed on for a child SA.</summary>
/// <param name="WeInitiated">The exchange that made it was ours: its Ni and the initiator's keys are ours (RFC 7296 §2.17).</param>
sealed record ChildSaAgreement(ChildConfiguration Configuration, EspSuite Suite, uint InboundSpi, uint OutboundSpi, ChildSelectors Selectors,
    Secret? SharedSecret, ReadOnlyMemory<byte> NonceI, ReadOnlyMemory<byte> NonceR, bool WeInitiated)
{
    /// <summary>SK(1) | … | SK(n) of additional key exchanges (RFC 9370 §2.2.4); null without any.</summary>
    public Secret? AdditionalSecret { get; init; }

    /// <summary>Null is tunnel mode.</summary>
    public TransportAddresses? TransportMode { get; init; }

    public ExchangeNonces Nonces => new(NonceI, NonceR);
}
