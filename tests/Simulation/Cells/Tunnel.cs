using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Cells;

/// <summary>A hub, a spoke and what connects them, with both ends' names for it.</summary>
sealed class Tunnel(int index, TunnelPlan plan, Node hub, Node spoke)
{
    public const string NameAtSpoke = "hub";

    public int Index => index;

    public TunnelPlan Plan => plan;

    public Node Hub => hub;

    public Node Spoke => spoke;

    public string NameAtHub { get; } = $"s{index}";

    public List<Flow> Flows { get; } = [];

    /// <summary>An operator took it down; it is nobody's duty to bring it up again.</summary>
    public bool IsTakenDown { get; set; }

    /// <summary>An end that waits for its own initial exchanges to finish.</summary>
    public bool HubAttempts { get; set; }
    public bool SpokeAttempts { get; set; }

    public string NameAt(Node node) => node == hub ? NameAtHub : NameAtSpoke;

    /// <summary>What becomes of it at an end that brings it up, once the peer has deleted it or is dead.</summary>
    static IEnumerable<EndAction> Ends(TunnelPlan plan) => plan.Starter switch
    {
        Starter.Hub => [plan.Extensions.HubEnd],
        Starter.Both => [plan.Extensions.HubEnd, plan.Extensions.SpokeEnd],
        Starter.Spoke => [plan.Extensions.SpokeEnd],
        _ => [],
    };

    public bool IsOf(Node node, string connection) => node == spoke || (node == hub && connection == NameAtHub);

    /// <summary>The ends that bring it up.</summary>
    public IEnumerable<Node> Starters => plan.Starter switch
    {
        Starter.Hub => [hub],
        Starter.Both or Starter.BothOnTraffic => [hub, spoke],
        _ => [spoke],
    };

    /// <summary>Somebody brings it up by himself, whether packets come or not.</summary>
    public bool ShouldBeUp { get; } = Ends(plan).Any(end => end != EndAction.Trap);

    /// <summary>The next packet brings up what is missing.</summary>
    public bool ComesUpByTraffic { get; } = IsBroughtUpByTraffic(plan);

    public static bool IsBroughtUpByTraffic(TunnelPlan plan) =>
        plan.Starter is Starter.SpokeOnTraffic or Starter.BothOnTraffic || (Ends(plan).Any() && Ends(plan).All(end => end == EndAction.Trap));

    /// <summary>Why this tunnel is not as it must be on a quiet network; null if it is.</summary>
    public string? FindFault(out bool isUp)
    {
        isUp = false;
        if (hub.Endpoint is not { } left || spoke.Endpoint is not { } right)
            return "an end is down";
        ConnectionStatus ofHub = Status(hub, left);
        ConnectionStatus ofSpoke = Status(spoke, right);
        if (!ShouldBeUp && ofHub.IkeSas.IsEmpty && ofSpoke.IkeSas.IsEmpty)
            return null;
        if (ofHub.IkeSas is not [IkeSaSnapshot a] || ofSpoke.IkeSas is not [IkeSaSnapshot b])
            return $"{ofHub.IkeSas.Length} IKE SAs at the hub ({ofHub.State}), {ofSpoke.IkeSas.Length} at the spoke ({ofSpoke.State})";
        if ((a.InitiatorSpi, a.ResponderSpi) != (b.InitiatorSpi, b.ResponderSpi))
            return $"IKE SPIs differ: {a.InitiatorSpi:x16} {a.ResponderSpi:x16} and {b.InitiatorSpi:x16} {b.ResponderSpi:x16}";
        if (a.IsInitiator == b.IsInitiator)
            return "both ends think that they have the same role";
        if (a.Suite != b.Suite)
            return $"IKE suites differ: {a.Suite} and {b.Suite}";
        isUp = a.Children.Length == plan.Children.Length;
        return FindChildFault(a, b);
    }

    /// <summary>One line per SA of either end.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (Node node in new[] { hub, spoke })
        {
            if (node.Endpoint is not { } endpoint)
                continue;
            ConnectionStatus status = Status(node, endpoint);
            yield return $"{node.Name}: {status.State} {string.Join(", ", status.Reasons.Select(reason => reason.Code))}";
            foreach (IkeSaSnapshot ike in status.IkeSas)
            {
                yield return $"  IKE {ike.InitiatorSpi:x16} {ike.ResponderSpi:x16} age {ike.Age}, rekey in {ike.RekeyIn}";
                foreach (ChildSaSnapshot child in ike.Children)
                    yield return $"    {child.Child} in {child.InboundSpi:x8} out {child.OutboundSpi:x8} age {child.Age}, rekey in {child.RekeyIn}";
            }
        }
    }

    ConnectionStatus Status(Node node, Ipsec.Endpoint.IpsecEndpoint endpoint)
    {
        string name = NameAt(node);
        return endpoint.Engine.GetStatus(node.Now).Connections.First(connection => connection.Connection == name);
    }

    string? FindChildFault(IkeSaSnapshot a, IkeSaSnapshot b)
    {
        for (int i = 0; i < plan.Children.Length; i++)
        {
            string name = Configurations.ChildName(i);
            ChildSaSnapshot[] left = [.. a.Children.Where(child => child.Child == name)];
            ChildSaSnapshot[] right = [.. b.Children.Where(child => child.Child == name)];
            // What expired is made again by the next packet, or by an operator.
            if (!ShouldBeUp && left.Length == 0 && right.Length == 0)
                continue;
            if (left is not [ChildSaSnapshot x] || right is not [ChildSaSnapshot y])
                return $"child {name}: {left.Length} SAs at the hub, {right.Length} at the spoke";
            if ((x.InboundSpi, x.OutboundSpi) != (y.OutboundSpi, y.InboundSpi))
                return $"child {name}: SPIs {x.InboundSpi:x8}/{x.OutboundSpi:x8} at the hub, {y.InboundSpi:x8}/{y.OutboundSpi:x8} at the spoke";
            if (x.Suite != y.Suite)
                return $"child {name}: suites {x.Suite} and {y.Suite}";
            if (!x.LocalSelectors.SequenceEqual(y.RemoteSelectors) || !x.RemoteSelectors.SequenceEqual(y.LocalSelectors))
                return $"child {name}: selectors differ";
        }
        return a.Children.Length == b.Children.Length && (a.Children.Length == plan.Children.Length || !ShouldBeUp) ? null
            : $"{a.Children.Length} children at the hub, {b.Children.Length} at the spoke, {plan.Children.Length} configured";
    }
}
