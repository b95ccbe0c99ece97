using System.Collections.Immutable;
using Ipsec.Esp.Inner.Nat;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// The translation rules of one tunnel apart from a data path, for those who say what would become of a packet: the same code, with flows of its own and time
/// that stands still.
/// </summary>
public sealed class AddressTranslation
{
    readonly TunnelNat? _nat;

    public AddressTranslation(ImmutableArray<NatRule> rules) => _nat = TunnelNat.Build(rules, previous: null, new FlowHash(new byte[FlowHash.KeyLength]));

    /// <summary>Changes a packet on its way into the tunnel. False if it would be dropped.</summary>
    public bool TryOutbound(Span<byte> packet) =>
        _nat is null || IpPacket.TryParse(packet, out IpPacket parsed) && _nat.TryTranslateOutbound(packet, parsed, TimeSpan.Zero);

    /// <summary>Changes a packet on its way out of the tunnel. False if it would be dropped.</summary>
    public bool TryInbound(Span<byte> packet) =>
        _nat is null || IpPacket.TryParse(packet, out IpPacket parsed) && _nat.TryTranslateInbound(packet, parsed, TimeSpan.Zero);
}
