using Ipsec.Lab.Network;

namespace Ipsec.Lab.Tests.Support;

/// <summary>Keeps what the network reported.</summary>
sealed class RecordingObserver : INetworkObserver
{
    public List<(string Wire, byte[] Packet)> Packets { get; } = [];
    public List<(string Place, DropReason Reason)> Drops { get; } = [];

    public void PacketOnWire(string wire, ReadOnlySpan<byte> packet) => Packets.Add((wire, packet.ToArray()));

    public void PacketDropped(string place, DropReason reason, ReadOnlySpan<byte> packet) => Drops.Add((place, reason));
}
