using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Processes;
using Ipsec.Lab.Netns;

namespace Ipsec.EndpointHost.Netns;

/// <summary>The namespaces of one lab on this machine: made by a plan, with routes that follow, and taken away again.</summary>
sealed class LabNamespaces
{
    readonly NamespacePlan _plan;
    ImmutableArray<PlannedRoute> _routes = [];

    LabNamespaces(NamespacePlan plan) => _plan = plan;

    /// <exception cref="UserErrorException">The kernel or a program refuses; what was made until then is left to the caller.</exception>
    public static async Task<LabNamespaces> CreateAsync(NamespacePlan plan)
    {
        await IpCommands.BatchAsync(NamespaceText.Creation(plan));
        foreach (PlannedNamespace space in plan.Namespaces)
            Set(space, NamespaceText.Settings(plan, space));
        await IpCommands.BatchAsync(NamespaceText.Links(plan));
        foreach (PlannedNamespace space in plan.Namespaces)
        {
            await IpCommands.BatchAsync(NamespaceText.Interfaces(plan, space).Concat(NamespaceText.Rules(space)), space.Name);
            if (plan.UsesV6)
                await IpCommands.BatchAsync(NamespaceText.Rules(space), space.Name, isV6: true);
        }
        foreach ((Net.IpAddress address, PlannedNamespace nat) in plan.Nats)
            await IpCommands.LoadRulesAsync(nat.Name, FilterText.Nat(address, rebindings: 0));
        return new LabNamespaces(plan);
    }

    /// <summary>Leads from the routes of before to these.</summary>
    public async Task SetRoutesAsync(ImmutableArray<PlannedRoute> routes)
    {
        foreach ((string space, List<string> lines) in NamespaceText.RouteChanges(_routes, routes))
            await IpCommands.BatchAsync(lines, space);
        _routes = routes;
    }

    /// <summary>An address is at this interface and not at the other one any more.</summary>
    public static async Task MoveAddressAsync(PlannedAddress? from, PlannedAddress? to)
    {
        if (from is not null)
            await IpCommands.BatchAsync([NamespaceText.AddressLine("del", from)], from.Interface.Namespace);
        if (to is not null)
            await IpCommands.BatchAsync([NamespaceText.AddressLine("add", to)], to.Interface.Namespace);
    }

    /// <summary>Names of namespaces that are there.</summary>
    public static string[] Existing(IEnumerable<string> names) => [.. names.Where(name => File.Exists(Path.Combine(NamespaceScope.Folder, name)))];

    /// <summary>Ends what runs in these namespaces and takes them away; those that are gone are left out.</summary>
    public static async Task RemoveAsync(IEnumerable<string> names)
    {
        string[] present = Existing(names);
        foreach (string name in present)
        {
            ToolResult processes = await IpCommands.RunAsync("ip", ["netns", "pids", name]);
            string[] ids = processes.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (ids.Length > 0)
                await IpCommands.RunAsync("kill", ["-KILL", .. ids]);
        }
        await IpCommands.BatchAsync(present.Select(name => $"netns delete {name}"));
    }

    static void Set(PlannedNamespace space, ImmutableArray<(string Path, string Value)> settings) => NamespaceScope.Of(space.Name).Run(() =>
    {
        foreach ((string path, string value) in settings)
        {
            string file = Path.Combine("/proc/sys/net", path);
            try
            {
                // A kernel without IPv6 or without multipath has fewer of them.
                if (File.Exists(file))
                    File.WriteAllText(file, value);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new UserErrorException($"{file} cannot be set to {value} in a namespace: {FileText.Reason(exception)}.");
            }
        }
        return true;
    });
}
