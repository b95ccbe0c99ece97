using Ipsec.Endpoint.Journal;
using Ipsec.Ike;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Endpoint.Tests.Room;

/// <summary>Endpoints on one wire under virtual time: the test holds the clock and sees, drops or changes every packet.</summary>
sealed class VirtualRoom : IDisposable
{
    readonly PriorityQueue<Packet, (TimeSpan At, ulong Order)> _inFlight = new();
    readonly List<Station> _stations = [];
    readonly List<NatBox> _nats = [];
    ulong _order;

    public Instant Now { get; private set; } = new(TimeSpan.Zero, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>One way.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Of each packet, where they differ: then some overtake others. Null: <see cref="Delay"/> for all.</summary>
    public Func<Packet, TimeSpan>? DelayOf { get; set; }

    /// <summary>What becomes of a packet that was sent: nothing for a loss, two for a duplicate. Null lets all pass.</summary>
    public Func<Packet, IEnumerable<Packet>>? Wire { get; set; }

    /// <summary>Every packet as its sender sent it.</summary>
    public List<Packet> Sent { get; } = [];

    public Station Add(EndpointConfiguration configuration, ulong seed, IEndpointJournal? journal = null, IMessageHooks? hooks = null)
    {
        Station station = new(this, new IpsecEndpoint(configuration, new SeededRandomSource(seed), journal, hooks), configuration);
        _stations.Add(station);
        return station;
    }

    public NatBox AddNat(string inside, string outside)
    {
        NatBox nat = new(IpAddress.Parse(inside), IpAddress.Parse(outside));
        _nats.Add(nat);
        return nat;
    }

    /// <summary>Takes a station off the wire without a word.</summary>
    public void Kill(Station station)
    {
        _stations.Remove(station);
        station.Dispose();
    }

    public void Start()
    {
        foreach (Station station in _stations)
            station.Start();
    }

    /// <summary>Adds two endpoints with one tunnel between them and runs until it is up.</summary>
    public (Station West, Station East) Connect(EndpointConfiguration west, EndpointConfiguration east)
    {
        Station left = Add(west, 1);
        Station right = Add(east, 2);
        Start();
        RunUntil(() => left.Status.Tunnels[0].State == TunnelState.Established && right.Status.Tunnels[0].State == TunnelState.Established,
            TimeSpan.FromSeconds(2), "the tunnel is up");
        return (left, right);
    }

    /// <summary>One packet each way arrives, and nothing else does.</summary>
    public void AssertCarries(Station west, Station east, string westHost = Sites.WestHost, string eastHost = Sites.EastHost)
    {
        west.Delivered.Clear();
        east.Delivered.Clear();
        west.SendInner(InnerPackets.Numbered(westHost, eastHost, 7));
        east.SendInner(InnerPackets.Numbered(eastHost, westHost, 8));
        RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([7], east.NumbersFrom(westHost));
        Assert.Equal([8], west.NumbersFrom(eastHost));
    }

    public void Send(Packet packet)
    {
        Sent.Add(packet);
        foreach (Packet passing in Wire?.Invoke(packet) ?? [packet])
        {
            Packet? translated = passing;
            foreach (NatBox nat in _nats)
                translated = translated is null ? null : nat.Translate(translated, Now.Monotonic);
            if (translated is not null)
                _inFlight.Enqueue(translated, (Now.Monotonic + (DelayOf?.Invoke(translated) ?? Delay), _order++));
        }
    }

    public void RunFor(TimeSpan duration) => Run(() => false, duration);

    /// <summary>Runs until the condition holds; fails if it does not within the limit.</summary>
    public void RunUntil(Func<bool> condition, TimeSpan limit, string what) =>
        Assert.True(Run(condition, limit), $"Within {limit} of virtual time this did not happen: {what}");

    /// <summary>Calls <paramref name="each"/> at a fixed interval while time passes.</summary>
    public void RunFor(TimeSpan duration, TimeSpan interval, Action<int> each)
    {
        for (int i = 0; i * interval < duration; i++)
        {
            each(i);
            RunFor(interval);
        }
    }

    public void Dispose()
    {
        foreach (Station station in _stations)
            station.Dispose();
    }

    bool Run(Func<bool> condition, TimeSpan duration)
    {
        TimeSpan end = Now.Monotonic + duration;
        while (!condition())
        {
            TimeSpan next = end;
            Station? due = null;
            foreach (Station station in _stations)
            {
                if (station.Endpoint.NextTimeout is TimeSpan timeout && timeout < next)
                    (next, due) = (timeout, station);
            }
            bool packetFirst = _inFlight.TryPeek(out _, out (TimeSpan At, ulong Order) first) && first.At <= next;
            if (!packetFirst && due is null)
            {
                Advance(end);
                return condition();
            }
            Advance(packetFirst ? first.At : next);
            if (packetFirst)
                Arrive(_inFlight.Dequeue());
            else
                due!.HandleTimeout();
        }
        return true;
    }

    void Arrive(Packet packet)
    {
        foreach (Station station in _stations)
        {
            if (station.Configuration.LocalAddresses.Contains(packet.Target.Address))
            {
                station.Receive(packet);
                return;
            }
        }
    }

    void Advance(TimeSpan to)
    {
        if (to > Now.Monotonic)
            Now = Now.Plus(to - Now.Monotonic);
    }
}
