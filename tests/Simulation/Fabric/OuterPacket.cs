using Ipsec.Net;

namespace Ipsec.Simulation.Fabric;

/// <summary>One datagram on the outer network; raw ESP has ports 0.</summary>
sealed record OuterPacket(TransportAddress Source, TransportAddress Target, byte[] Payload, byte TrafficClass)
{
    public bool IsRawEsp => Source.Port == 0;

    public bool IsKeepalive => Payload is [0xFF];

    /// <summary>Neither IKE nor a keepalive (RFC 3948 §2).</summary>
    public bool IsEsp => IsRawEsp || (Source.Port != 500 && Target.Port != 500 && !IsKeepalive && Payload is not [0, 0, 0, 0, ..] && Payload.Length > 8);

    public OuterPacket Copy() => this with { Payload = [.. Payload] };
}

/// <summary>Whoever has an address on the outer network.</summary>
interface IOuterReceiver
{
    void Receive(OuterPacket packet);
}

/// <summary>The addresses of the outer network.</summary>
sealed class OuterNetwork
{
    readonly Dictionary<IpAddress, IOuterReceiver> _attached = [];

    public void Attach(IpAddress address, IOuterReceiver receiver) => _attached[address] = receiver;

    public void Detach(IpAddress address) => _attached.Remove(address);

    public void Deliver(OuterPacket packet)
    {
        if (_attached.TryGetValue(packet.Target.Address, out IOuterReceiver? receiver))
            receiver.Receive(packet);
    }
}
