using System.CommandLine;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netns;

namespace Ipsec.EndpointHost.Lab;

/// <summary><c>lab exec NODE COMMAND</c>: a program in the namespace of a node, a host or a router of a lab.</summary>
static class LabExecCommand
{
    public const string Name = "exec";

    public static VerbCommand Create()
    {
        var node = new Argument<string>("NODE") { Description = "A node, a host, a virtual network, SITE-lan, a circuit, NODE-nat or internet." };
        var command = new Argument<string[]>("COMMAND") { Description = "The program and its arguments.", Arity = ArgumentArity.OneOrMore };
        var lab = new Option<string?>("--lab") { Description = "The lab, where several are there: its name or its topology file. Before NODE.", HelpName = "NAME" };
        var exec = new VerbCommand(Name, "Run a program in a namespace of a lab, with its exit code.",
            "ipsec-endpoint lab exec pc1 ping -c 3 10.1.1.4", "ipsec-endpoint lab exec --lab 05-active-active vm1 iperf3 -s")
        { node, command, lab };
        exec.SetAction(parsed => Run(Choose(parsed.GetValue(lab), parsed.GetRequiredValue(node)), parsed.GetRequiredValue(command)));
        return exec;
    }

    /// <summary>What follows NODE is the program's own: it is set apart by "--", so that nothing in it is taken for an option of ours.</summary>
    public static string[] Separate(string[] arguments)
    {
        if (arguments is not ["lab", Name, .. string[] rest] || rest.Contains("--"))
            return arguments;
        for (int index = 0; index < rest.Length; index++)
        {
            if (rest[index] == "--lab")
                index++;
            else if (!rest[index].StartsWith('-'))
                return ["lab", Name, .. rest[..(index + 1)], "--", .. rest[(index + 1)..]];
        }
        return arguments;
    }

    static string Choose(string? lab, string node)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new UserErrorException("lab exec enters a network namespace, which needs root; run it with sudo.");
        LabRecord record = LabDownCommand.Choose(lab);
        return record.Nodes.TryGetValue(node, out string? space) ? space
            : throw new UserErrorException($"The lab {record.Lab} has no node {node}; it has {string.Join(", ", record.Nodes.Keys)}.");
    }

    static int Run(string space, string[] command)
    {
        int error = LibC.Become("ip", ["netns", "exec", space, .. command]);
        throw new UserErrorException($"The program ip of iproute2 cannot be run: {LibC.Describe(error)}.");
    }
}
