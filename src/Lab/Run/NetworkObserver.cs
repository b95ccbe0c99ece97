using System.Text;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>Records packets and tells of those that went no further.</summary>
sealed class NetworkObserver(Scheduler scheduler, ILabRecorder? recorder, Action<LabEvent> tell) : INetworkObserver
{
    public void PacketOnWire(string wire, ReadOnlySpan<byte> packet) => recorder?.Packet(wire, scheduler.Instant, packet);

    public void PacketDropped(string place, DropReason reason, ReadOnlySpan<byte> packet) =>
        tell(new PacketDropped(scheduler.Now, place, KebabCase(reason), Describe(packet)));

    static string Describe(ReadOnlySpan<byte> packet)
    {
        if (!IpPacket.TryParse(packet, out IpPacket view))
            return $"{packet.Length} octets";
        string protocol = view.Protocol switch
        {
            IpProtocol.Udp => "UDP",
            IpProtocol.Esp => "ESP",
            IpProtocol.Icmp or IpProtocol.IcmpV6 => "ICMP",
            _ => $"protocol {view.Protocol}",
        };
        if (view.Protocol == IpProtocol.Udp && view.TryGetPorts(out ushort source, out ushort destination))
            return $"{new TransportAddress(view.Source, source)} -> {new TransportAddress(view.Destination, destination)} UDP, {packet.Length} octets";
        return $"{view.Source} -> {view.Destination} {protocol}, {packet.Length} octets";
    }

    static string KebabCase(DropReason reason)
    {
        var text = new StringBuilder();
        foreach (char character in reason.ToString())
        {
            if (char.IsUpper(character) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(character));
        }
        return text.ToString();
    }
}
