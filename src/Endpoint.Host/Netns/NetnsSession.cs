using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Lab;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Processes;
using Ipsec.Lab.Netns;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Netns;

/// <summary>One lab on network namespaces: everything is claimed, run, and taken away again, also where it fails.</summary>
static class NetnsSession
{

    /// <returns>The exit code: 0 only if every expectation holds.</returns>
    /// <exception cref="UserErrorException">Root is missing, the kernel cannot do what the file asks, or the lab is there already.</exception>
    public static async Task<int> RunAsync(TopologyModel model, LabRunOptions options, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new UserErrorException("--fabric netns makes network namespaces, which needs root; run it with sudo, or on --fabric memory.");
        model = await FitToKernelAsync(model, options);
        foreach (NodeDefinition node in model.Nodes.Where(node => node.Program == NodeProgram.StrongSwan))
            StrongSwanNode.Check(node);
        NamespacePlan plan = NamespacePlan.Of(model);
        // The command line waits on a signal for what it has in hand, which it has from the first real wait on: nothing is made before.
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        // Control sockets, logs and keys are for their owner alone, from the moment they exist.
        LibC.SetFileModeMask(0x3F);
        LabRecord record = Claim(model, plan, options.File!);
        try
        {
            LabNamespaces namespaces = await LabNamespaces.CreateAsync(plan);
            using WireCapture? capture = options.CaptureDirectory is string folder ? WireCapture.Start(plan, folder) : null;
            NetnsFabric? fabric = null;
            using var run = new LabRun(model, new LabOptions
            {
                Duration = options.Duration,
                RepeatInterval = options.PingInterval ?? LabOptions.DefaultRepeatInterval,
            }, lab => fabric = new NetnsFabric(model, plan, namespaces, lab, record, options.CaptureDirectory));
            await fabric!.PrepareAsync();
            return await LabSession.RunAsync(model, run, options, cancellation);
        }
        finally
        {
            await RemoveAsync(record);
        }
    }

    /// <summary>Takes a lab away whose process has ended.</summary>
    public static async Task RemoveAsync(LabRecord record)
    {
        await LabNamespaces.RemoveAsync(record.Namespaces);
        record.Delete();
    }

    static LabRecord Claim(TopologyModel model, NamespacePlan plan, string file)
    {
        string[] names = [.. plan.Namespaces.Select(space => space.Name)];
        if (LabNamespaces.Existing(names).Length > 0 && LabRecord.Find(model.Name) is null)
            throw new UserErrorException($"Namespaces of a lab named {model.Name} are on this machine, whose record is gone; take them away with: ipsec-endpoint lab down {file}");
        var nodes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (PlannedNamespace space in plan.Namespaces)
            nodes[space.Node] = space.Name;
        foreach ((string label, ImmutableArray<PlannedNamespace> machines) in plan.Machines)
            nodes[label] = machines[0].Name;
        var record = new LabRecord(model.Name, Path.GetFullPath(file), Environment.ProcessId, LabRecord.OwnStart, nodes, names,
            [.. model.Nodes.Select(node => ControlPaths.Default(model.Name, node.Name, node.Instance)), ControlPaths.OfLab(model.Name)]);
        if (!record.TryClaim())
            throw new UserErrorException($"A lab named {model.Name} is on this machine already; take it away with: ipsec-endpoint lab down {model.Name}");
        return record;
    }

    /// <summary>What the file wants of wires that this kernel cannot do is refused, or left out where the user says so.</summary>
    static async Task<TopologyModel> FitToKernelAsync(TopologyModel model, LabRunOptions options)
    {
        WireDefinition? wire = model.Wires.FirstOrDefault(NamespaceText.NeedsDiscipline);
        if (wire is not null && options.PerfectWires)
        {
            model = model with { Wires = [.. model.Wires.Select(one => new WireDefinition { Node = one.Node, Mtu = one.Mtu, Loss = one.Loss })] };
            wire = null;
        }
        bool isFault = model.Faults.Any(fault => fault.Kind == FaultKind.Delay);
        if (wire is null && !isFault)
            return model;
        ToolResult probe = await IpCommands.RunAsync("unshare", ["--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]);
        if (probe.ExitCode == 0)
            return model;
        throw new UserErrorException(wire is not null
            ? $"The wire of {wire.Node} has a delay, jitter, duplicates or reordering, and this kernel has no netem (sch_netem) that does such things; leave them out with --perfect-wires, or run it on --fabric memory."
            : "A fault of the file delays packets, and this kernel has no netem (sch_netem) that does that; run it on --fabric memory.");
    }
}
