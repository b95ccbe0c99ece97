using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Instances;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Reads <c>faults</c> and <c>names</c>, and checks what they refer to.</summary>
sealed class FaultReader(ErrorList errors, ImmutableArray<NodeDefinition> nodes, AzureEnvironment azure)
{
    public ImmutableArray<FaultDefinition> ReadFaults(NodeReader file)
    {
        ImmutableArray<FaultDefinition>.Builder faults = ImmutableArray.CreateBuilder<FaultDefinition>();
        foreach (SourcedNode item in file.Items("faults"))
        {
            NodeReader fault = new(item);
            FaultKind kind = fault.Text("kind") switch
            {
                "link-down" => FaultKind.LinkDown,
                "loss" => FaultKind.Loss,
                "delay" => FaultKind.Delay,
                "nat-rebind" => FaultKind.NatRebind,
                "address" => FaultKind.Address,
                "planned-failover" => FaultKind.PlannedFailover,
                "unplanned-failover" => FaultKind.UnplannedFailover,
                "maintenance" => FaultKind.Maintenance,
                _ => FaultKind.Restart,
            };
            var read = new FaultDefinition(fault.Duration("at")!.Value, fault.Text("node")!, kind, fault.Duration("for") ?? default, fault.Percent("loss") ?? 0,
                fault.Address("address"), fault.Duration("recovery") ?? FaultDefinition.DefaultRecovery)
            { Instance = fault.Integer("instance"), Delay = fault.Duration("delay") ?? default };
            if (Problem(read, fault) is string problem)
                errors.Add(item, problem);
            else
                faults.Add(WithDuration(read));
        }
        return faults.ToImmutable();
    }

    public ImmutableArray<NameDefinition> ReadNames(NodeReader file)
    {
        ImmutableArray<NameDefinition>.Builder names = ImmutableArray.CreateBuilder<NameDefinition>();
        foreach ((string name, NodeReader value) in file.Named("names"))
        {
            ImmutableArray<string> targets = [.. file.Child("names")!.Value.Items(name).Select(NodeReader.TextOf)];
            if (!ScalarText.IsDnsName(name))
                errors.Add(value.Source, $"must have {Schema.SchemaFormat.Find("dns-name").Accepted} as its key");
            if (targets.FirstOrDefault(target => !IpAddress.TryParse(target, out _) && !nodes.Any(node => node.Name == target)) is string unknown)
                errors.Add(value.Source, $"must lead to addresses, gateways or sites; accepted names: {Known}; not {unknown}");
            names.Add(new NameDefinition(name, targets));
        }
        return names.ToImmutable();
    }

    string Known => string.Join(", ", nodes.Select(node => node.Name).Distinct());

    /// <summary>A failover lasts as long as the emulation says.</summary>
    FaultDefinition WithDuration(FaultDefinition fault)
    {
        bool isActiveActive = nodes.Any(node => node.Name == fault.Node && node.Instance > 0);
        return fault.Kind switch
        {
            FaultKind.PlannedFailover => fault with { For = azure.Emulation.Failover.OutageOf(FailoverKind.Planned, isActiveActive) },
            FaultKind.UnplannedFailover => fault with { For = azure.Emulation.Failover.OutageOf(FailoverKind.Unplanned, isActiveActive) },
            FaultKind.Maintenance => fault with { For = azure.Emulation.Failover.MaintenanceOf(isActiveActive) },
            _ => fault,
        };
    }

    string? Problem(FaultDefinition fault, NodeReader reader)
    {
        NodeDefinition[] named = [.. nodes.Where(node => node.Name == fault.Node)];
        if (named.Length == 0 && azure.FindExpressRouteCircuit(fault.Node) is not null)
            return ProblemOfCircuit(fault, reader);
        if (named.Length == 0)
            return $"names the node {fault.Node}, which is no gateway or site; accepted: {Known}";
        if (ProblemOfInstance(fault, named) is string problem)
            return problem;
        if (ProblemOfTimes(fault, reader) is string wrong)
            return wrong;
        if (fault.Kind == FaultKind.Address != fault.Address is not null)
            return "must have an address if its kind is address, and only then";
        if (fault.Kind == FaultKind.NatRebind && named[0].NatAddress is null)
            return $"is of a NAT, and there is none in front of {fault.Node}";
        if (fault.Address is IpAddress address && (named.Length > 1 || address.IsV6 != named[0].OuterAddress.IsV6))
            return $"must give a node of one instance an address of the family of {named[0].OuterAddress}";
        return fault.Address is IpAddress taken && nodes.Any(node => node.OuterAddress == taken && node.Name != fault.Node)
            ? $"must give {fault.Node} an address of its own, not {taken}, which is in use" : null;
    }

    static string? ProblemOfTimes(FaultDefinition fault, NodeReader reader)
    {
        if (fault.Kind is FaultKind.LinkDown or FaultKind.Loss or FaultKind.Delay && fault.For == TimeSpan.Zero)
            return "must say with for how long it lasts";
        if (fault.Kind is FaultKind.NatRebind or FaultKind.Address && fault.For != TimeSpan.Zero)
            return "happens at once and has no for";
        if (fault.Kind == FaultKind.Delay != reader.Find("delay") is not null)
            return "must have a delay if its kind is delay, and only then";
        return fault.Kind == FaultKind.Loss != reader.Find("loss") is not null ? "must have a loss if its kind is loss, and only then" : null;
    }

    static string? ProblemOfCircuit(FaultDefinition fault, NodeReader reader)
    {
        if (fault.Kind is not (FaultKind.LinkDown or FaultKind.Loss or FaultKind.Delay))
            return $"is of the circuit {fault.Node}, whose kinds are link-down, loss and delay";
        if (fault.Instance is not null)
            return $"is of the circuit {fault.Node}, which has no instances";
        return ProblemOfTimes(fault, reader);
    }

    static string? ProblemOfInstance(FaultDefinition fault, NodeDefinition[] named)
    {
        bool isFailover = fault.Kind is FaultKind.PlannedFailover or FaultKind.UnplannedFailover or FaultKind.Maintenance;
        if (isFailover && named[0].Kind != NodeKind.AzureGateway)
            return $"is of an Azure gateway, which {fault.Node} is not";
        if (isFailover && fault.For != TimeSpan.Zero)
            return "lasts as long as azure.emulation.failover says and has no for";
        if (fault is { Kind: FaultKind.Maintenance, Instance: not null })
            return "is of both instances and has no instance";
        return fault.Instance is int instance && instance >= named.Length
            ? $"names the instance {instance}, and {fault.Node} has one only; accepted: 0" : null;
    }
}
