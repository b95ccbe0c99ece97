using System.Buffers.Binary;
using Ipsec.Net;
using Ipsec.Simulation.Bugs;
using Ipsec.Simulation.Fabric;
using Ipsec.Simulation.Observation;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Cells;

/// <summary>One hub, its spokes, the wire between them, and what is observed of them.</summary>
sealed class Cell
{
    const int UdpHeader = 8;
    static readonly TimeSpan NatIdle = TimeSpan.FromSeconds(90);

    // Everything has come right by then, and is looked at once more after it.
    static readonly TimeSpan BeforeLastCollision = SimulationRun.SettleLimit - TimeSpan.FromMinutes(1);

    readonly Action<Violation> _violated;

    public Cell(CellPlan plan, ulong seed, EventQueue time, OuterNetwork network, Action<Violation> violated, Action<string>? trace, PlantedBug bug)
    {
        Plan = plan;
        Time = time;
        Network = network;
        _violated = violated;
        TraceLine = trace;
        ulong stream = (ulong)plan.Number << 16;
        TrafficDice = new Dice(seed, stream | 1);
        Wire = new Wire(this, new Dice(seed, stream | 2));
        Observer = new CellObserver(this);
        Hub = new Node(this, Configurations.Hub(plan), new Dice(seed, stream | 0x100), PlantedBug.None);
        network.Attach(Hub.Address, Hub);
        Node[] spokes = new Node[plan.Tunnels.Length];
        Tunnels = new Tunnel[plan.Tunnels.Length];
        for (int i = 0; i < spokes.Length; i++)
        {
            // A bug sits in one end of a tunnel: the other one is sound.
            spokes[i] = new Node(this, Configurations.Spoke(plan, i), new Dice(seed, stream | 0x101 + (ulong)i), bug);
            Tunnels[i] = new Tunnel(i, plan.Tunnels[i], Hub, spokes[i]);
            Attach(spokes[i], i);
            AddFlows(Tunnels[i]);
        }
        if (plan.HasGateway)
        {
            Gateway = new Node(this, Configurations.Gateway(plan), new Dice(seed, stream | 0x200), PlantedBug.None);
            network.Attach(Gateway.Address, Gateway);
        }
        Nodes = Gateway is null ? [Hub, .. spokes] : [Hub, .. spokes, Gateway];
        Fate = new Fate(this, new Dice(seed, stream | 3));
        Wire.IsCalm = plan.IsUndisturbed;
    }

    public CellPlan Plan { get; }
    public EventQueue Time { get; }
    public OuterNetwork Network { get; }
    public Wire Wire { get; }
    public Fate Fate { get; }
    public Node Hub { get; }

    /// <summary>Sends spokes to the hub; null where none is redirected.</summary>
    public Node? Gateway { get; }
    public Node[] Nodes { get; }
    public Tunnel[] Tunnels { get; }
    public Dice TrafficDice { get; }
    public CellObserver Observer { get; }
    public RequestLedger Requests { get; } = new();
    public SequenceLedger Sequences { get; } = new();
    public RecentMap<ulong, Tunnel> InitialSpis { get; } = new(1024);
    public Statistics Statistics { get; } = new();
    public Digest Digest { get; } = new();
    public bool HasFailed { get; private set; }
    public bool IsTraced => TraceLine is not null;
    Action<string>? TraceLine { get; }

    public void Start()
    {
        foreach (Node node in Nodes)
            Time.After(TrafficDice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(5)), new Once(node.Start));
        foreach (Flow flow in Tunnels.SelectMany(tunnel => tunnel.Flows))
            Time.After(TrafficDice.Between(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)), flow);
        foreach (Tunnel tunnel in Tunnels.Where(tunnel => tunnel.Plan.Starter == Starter.Operator))
            Time.After(TimeSpan.FromSeconds(6), new Once(() => Initiate(tunnel)));
    }

    /// <summary>What must hold at any moment: what an endpoint keeps is bounded by what it is configured for.</summary>
    public void Audit()
    {
        foreach (Node node in Nodes)
        {
            if (Settlement.FindExcessOfMemory(node, Tunnels.Count(tunnel => tunnel.Hub == node || tunnel.Spoke == node || Gateway == node)) is string excess)
                Violate(node.Name, excess);
        }
    }

    public void BeginFaults()
    {
        if (Plan.IsUndisturbed)
            return;
        Wire.IsCalm = false;
        Fate.Begin();
    }

    /// <summary>Faults stop; what an operator took down is brought up again.</summary>
    public void EndFaults()
    {
        Fate.End();
        Wire.IsCalm = true;
        foreach (Node node in Nodes)
            node.Start();
        foreach (Tunnel tunnel in Tunnels.Where(tunnel => tunnel.IsTakenDown))
        {
            Initiate(tunnel);
            tunnel.IsTakenDown = false;
        }
        foreach (Tunnel tunnel in Plan.IsUndisturbed ? [] : Tunnels)
            Time.After(BeforeLastCollision, new Once(() => Fate.Collide(tunnel)));
    }

    /// <summary>An operator brings it up, at each end that is to do so.</summary>
    public static void Initiate(Tunnel tunnel)
    {
        foreach (Node starter in tunnel.Starters)
            starter.Command("initiate", endpoint => endpoint.Initiate(tunnel.NameAt(starter), null, starter.Now));
    }

    public void Deliver(Node at, ReadOnlySpan<byte> inner)
    {
        if (!IpPacket.TryParse(inner, out IpPacket packet) || packet.Protocol != IpProtocol.Udp
            || packet.Payload.Length < UdpHeader + FlowId.Length + sizeof(long)
            || !FlowId.TryRead(packet.Payload[UdpHeader..], out FlowId id))
        {
            Violate(at.Name, "something came out that nobody sent");
            return;
        }
        long number = BinaryPrimitives.ReadInt64BigEndian(packet.Payload[(UdpHeader + FlowId.Length)..]);
        Flow? flow = id.Tunnel < Tunnels.Length ? Tunnels[id.Tunnel].Flows.Find(candidate => candidate.Id == id) : null;
        string? fault = flow is null ? $"a packet of {id} came out, which does not exist" : flow.Accept(at, packet, number);
        if (fault is not null)
        {
            Violate(at.Name, fault);
            return;
        }
        Statistics.Add(CountKind.InnerDelivered);
        Digest.Add((ulong)number);
    }

    public Tunnel? FindTunnel(Node node, string? connection)
    {
        if (connection is null)
            return null;
        foreach (Tunnel tunnel in Tunnels)
        {
            if (tunnel.IsOf(node, connection))
                return tunnel;
        }
        return null;
    }

    public void HandleKilled(Node node)
    {
        Digest.Add(4);
        foreach (Tunnel tunnel in Tunnels)
        {
            if (tunnel.Hub == node)
                tunnel.HubAttempts = false;
            else if (tunnel.Spoke == node)
                tunnel.SpokeAttempts = false;
        }
    }

    public void Violate(string where, string what)
    {
        HasFailed = true;
        Trace(where, $"VIOLATION: {what}");
        _violated(new Violation(Plan.Number, Time.Now, where, what));
    }

    public void Trace(string where, string what) => TraceLine?.Invoke($"{Time.Now:c} {where}: {what}");

    void Attach(Node spoke, int tunnel)
    {
        if (!Plan.Tunnels[tunnel].IsBehindNat)
        {
            Network.Attach(spoke.Address, spoke);
            return;
        }
        spoke.Nat = new NatBox(Network, Time, spoke, spoke.Address, Configurations.ChangingAddress(Plan, tunnel, 0), NatIdle);
        spoke.Nat.Attach();
    }

    void AddFlows(Tunnel tunnel)
    {
        for (int child = 0; child < tunnel.Plan.Children.Length; child++)
        {
            IpPrefix atHub = Configurations.HubNetwork(tunnel.Plan, tunnel.Index, child);
            IpPrefix atSpoke = Configurations.SpokeNetwork(tunnel.Plan, tunnel.Index, child);
            TimeSpan interval = tunnel.Plan.Children[child].PacketInterval;
            FlowEnd hub = new(tunnel.Hub, atHub, IsVirtual: false);
            FlowEnd spoke = new(tunnel.Spoke, atSpoke, Configurations.IsVirtual(tunnel.Plan, child));
            tunnel.Flows.Add(new Flow(this, hub, spoke, new FlowId((byte)tunnel.Index, (byte)child, true), interval));
            tunnel.Flows.Add(new Flow(this, spoke, hub, new FlowId((byte)tunnel.Index, (byte)child, false), interval));
        }
    }
}

/// <summary>Something to do once.</summary>
sealed class Once(Action action) : IScheduled
{
    public void Fire(object? argument) => action();
}

/// <summary>An invariant that did not hold.</summary>
sealed record Violation(int Cell, TimeSpan At, string Where, string What);
