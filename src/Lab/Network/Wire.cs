using Ipsec.Crypto;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>
/// A wire between a node (its near end) and the router behind it (its far end), with delay, jitter, loss, duplication,
/// reordering and an MTU, drawn per packet and direction. What is recorded is what a capture on the node's own interface
/// shows: packets to the wire as they leave, packets from the wire as they arrive; so a packet lost on its way to the node
/// is not there.
/// </summary>
sealed class Wire(string name, WireDefinition conditions, Scheduler scheduler, IRandomSource random, INetworkObserver observer)
{
    /// <summary>No wire is faster than this: about what a switch and two network stacks take.</summary>
    public static readonly TimeSpan MinimumDelay = TimeSpan.FromMicroseconds(100);

    readonly Direction _toNear = new();
    readonly Direction _toFar = new();

    public string Name => name;

    /// <summary>Nothing passes.</summary>
    public bool IsDown { get; set; }

    /// <summary>0 to 1, in place of what the file says; null leaves it at that.</summary>
    public double? Loss { get; set; }

    /// <summary>What every packet takes beyond what the file says.</summary>
    public TimeSpan ExtraDelay { get; set; }

    /// <summary>What arrives at the node.</summary>
    public required Action<byte[]> Near { get; init; }

    /// <summary>What arrives at the router.</summary>
    public required Action<byte[]> Far { get; init; }

    public void SendFromNear(byte[] packet)
    {
        foreach (byte[] piece in FitToMtu(packet))
        {
            observer.PacketOnWire(name, piece);
            Carry(piece, _toFar, Far);
        }
    }

    public void SendFromFar(byte[] packet)
    {
        foreach (byte[] piece in FitToMtu(packet))
            Carry(piece, _toNear, ArriveNear);
    }

    void ArriveNear(byte[] packet)
    {
        observer.PacketOnWire(name, packet);
        Near(packet);
    }

    IReadOnlyList<byte[]> FitToMtu(byte[] packet)
    {
        if (packet.Length <= conditions.Mtu)
            return [packet];
        // RFC 791 §3.2: a router fragments; RFC 8200 §5: never IPv6.
        if (IpFragmentation.TryFragmentV4(packet, conditions.Mtu, out IReadOnlyList<byte[]> pieces))
            return pieces;
        observer.PacketDropped(name, DropReason.TooBig, packet);
        return [];
    }

    void Carry(byte[] packet, Direction direction, Action<byte[]> arrive)
    {
        if (IsDown)
        {
            observer.PacketDropped(name, DropReason.LinkDown, packet);
            return;
        }
        if (random.Happens(Loss ?? conditions.Loss))
        {
            observer.PacketDropped(name, DropReason.Lost, packet);
            return;
        }
        int copies = random.Happens(conditions.Duplication) ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            byte[] copy = packet.AsSpan().ToArray();
            scheduler.At(ArrivalTime(direction), () => arrive(copy));
        }
    }

    /// <summary>Jitter alone keeps the order, as a queue does; a reordered packet is held back so that later ones overtake it.</summary>
    TimeSpan ArrivalTime(Direction direction)
    {
        TimeSpan delay = conditions.Delay + ExtraDelay + random.Around(conditions.Jitter);
        if (delay < MinimumDelay)
            delay = MinimumDelay;
        TimeSpan arrival = scheduler.Now + delay;
        if (random.Happens(conditions.Reordering))
            return arrival + delay + HoldBack;
        if (arrival < direction.LastArrival)
            arrival = direction.LastArrival;
        return direction.LastArrival = arrival;
    }

    static readonly TimeSpan HoldBack = TimeSpan.FromMilliseconds(1);

    sealed class Direction
    {
        public TimeSpan LastArrival;
    }
}
