using System.Buffers.Binary;
using Ipsec.Net;
using Ipsec.Simulation.Fabric;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Cells;

/// <summary>Inner packets of one child SA in one direction: numbered, so that each is seen at most once and nothing else is.</summary>
sealed class Flow(Cell cell, FlowEnd from, FlowEnd to, FlowId id, TimeSpan interval) : IScheduled
{
    const ushort Port = 7000;

    readonly List<ulong> _seen = [];

    // By number; kept only where none may be lost.
    readonly List<TimeSpan> _sentAt = [];
    long _settled;

    public Node To => to.Node;

    public FlowId Id => id;

    public long Sent { get; private set; }

    public long Delivered { get; private set; }

    /// <summary>When the last of them arrived.</summary>
    public TimeSpan LastDelivery { get; private set; }

    public bool IsStopped { get; set; }

    public void Fire(object? argument)
    {
        if (IsStopped)
            return;
        Send();
        cell.Time.After(cell.TrafficDice.Exponential(interval) + TimeSpan.FromMilliseconds(1), this);
    }

    /// <summary>Sends the next packet; its number, or -1 where an end is down or has no address now.</summary>
    public long Send()
    {
        if (from.Node.Endpoint is null || from.Draw(cell.TrafficDice) is not IpAddress source || to.Draw(cell.TrafficDice) is not IpAddress target)
            return -1;
        byte[] payload = new byte[FlowId.Length + sizeof(long)];
        id.Write(payload);
        BinaryPrimitives.WriteInt64BigEndian(payload.AsSpan(FlowId.Length), Sent);
        byte[] packet = IpPacketWriter.Udp(new TransportAddress(source, Port), new TransportAddress(target, Port), payload);
        cell.Statistics.Add(CountKind.InnerSent);
        long number = Sent++;
        if (cell.Plan.IsGentle)
            _sentAt.Add(cell.Time.Now);
        from.Node.SendInner(packet);
        return number;
    }

    public bool HasArrived(long number) => number >= 0 && (int)(number >> 6) is int word && word < _seen.Count && (_seen[word] >> (int)(number & 63) & 1) != 0;

    /// <summary>The first packet after the first one that arrived which did not arrive; those of the last seconds may be on their way.</summary>
    public long? FirstMissing()
    {
        long first = 0;
        while (first < Sent && !HasArrived(first))
            first++;
        for (long number = first; number < _settled; number++)
        {
            if (!HasArrived(number))
                return number;
        }
        return null;
    }

    /// <summary>When a packet of a gentle cell was sent.</summary>
    public TimeSpan SentAt(long number) => _sentAt[(int)number];

    /// <summary>What was sent until now has had the time to arrive.</summary>
    public void Settle() => _settled = Sent;

    /// <summary>A packet of this flow came out somewhere: what is wrong with that, or null.</summary>
    public string? Accept(Node at, in IpPacket packet, long number)
    {
        if (at != to.Node)
            return $"packet {number} of {id} came out at {at.Name}";
        if (!from.Network.Contains(packet.Source) || !to.Network.Contains(packet.Destination))
            return $"{packet.Source} -> {packet.Destination} was accepted outside the selectors {from.Network} -> {to.Network} of {id}";
        if (number < 0 || number >= Sent)
            return $"packet {number} of {id} was never sent";
        if (HasArrived(number))
            return $"packet {number} of {id} was delivered twice";
        while (_seen.Count <= (int)(number >> 6))
            _seen.Add(0);
        _seen[(int)(number >> 6)] |= 1UL << (int)(number & 63);
        Delivered++;
        LastDelivery = cell.Time.Now;
        return null;
    }
}

/// <summary>One end of a flow: hosts of a network behind a node, or the node's own virtual IP.</summary>
readonly record struct FlowEnd(Node Node, IpPrefix Network, bool IsVirtual)
{
    const int HostsPerNetwork = 200;

    /// <summary>An address to send from or to; null while there is none.</summary>
    public IpAddress? Draw(Dice dice) => IsVirtual ? Node.VirtualAddress : Network.Address.Plus((UInt128)(1 + dice.Below(HostsPerNetwork)));
}

/// <summary>Which flow an inner packet belongs to, as it stands in its payload.</summary>
readonly record struct FlowId(byte Tunnel, byte Child, bool FromHub)
{
    public const int Length = 4;
    const byte Magic = 0xA7;

    public void Write(Span<byte> payload) => (payload[0], payload[1], payload[2], payload[3]) = (Magic, Tunnel, Child, FromHub ? (byte)1 : (byte)0);

    public static bool TryRead(ReadOnlySpan<byte> payload, out FlowId id)
    {
        id = default;
        if (payload.Length < Length || payload[0] != Magic)
            return false;
        id = new FlowId(payload[1], payload[2], payload[3] != 0);
        return true;
    }

    public override string ToString() => $"tunnel {Tunnel} child {Child} {(FromHub ? "from" : "to")} the hub";
}
