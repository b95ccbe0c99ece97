using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Lab;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Configuration;

/// <summary>One node of a topology file, ready to run.</summary>
/// <param name="Hosts">The virtual hosts behind the node.</param>
/// <param name="Names">The file's own DNS names.</param>
sealed record NodeSetup(string Topology, NodeDefinition Node, EndpointConfiguration Endpoint, ImmutableArray<HostDefinition> Hosts,
    ImmutableDictionary<string, ImmutableArray<IpAddress>> Names)
{
    /// <summary>The file's resources, without keys.</summary>
    public AzureEnvironment Azure { get; init; } = AzureEnvironment.Empty;

    /// <summary>What the file may say and should not, in whole sentences.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <summary>Reads a topology file and takes one node out of it.</summary>
static class NodeFile
{
    /// <exception cref="UserErrorException">The file is at fault, or has no such node.</exception>
    public static TopologyModel LoadTopology(string file)
    {
        if (!TopologyFile.TryLoad(FileText.Read(file), file, new FileSecretSource(file), out TopologyModel? model, out ImmutableArray<TopologyError> errors))
            throw new UserErrorException(errors.Select(error => error.ToString()));
        return model;
    }

    /// <summary>The instance that the options name, or all of them.</summary>
    /// <exception cref="UserErrorException">The file is at fault, or has no such node.</exception>
    public static ImmutableArray<NodeSetup> Load(RunOptions options)
    {
        TopologyModel topology = LoadTopology(options.File);
        NodeDefinition first = Choose(topology, options.File, options.Node, options.Instance);
        ImmutableArray<NodeDefinition> nodes = options.AllInstances ? [.. topology.Nodes.Where(node => node.Name == first.Name)] : [first];
        NodePrograms.RequireOwn(nodes);
        if (!options.LocalAddresses.IsDefaultOrEmpty && options.LocalAddresses.Length != nodes.Length)
            throw new UserErrorException($"--local names {options.LocalAddresses.Length} addresses, and {nodes.Length} instances of {first.Name} run; name one for each.");
        if (nodes.Length > 1 && options.Inner == InnerKind.Tun && !options.TunName.Contains("%d", StringComparison.Ordinal))
            throw new UserErrorException($"--tun names one device, and {nodes.Length} instances of {first.Name} run; put %d into the name.");
        // The keys of the other nodes are nobody's in this process.
        foreach (NodeDefinition other in topology.Nodes.Except(nodes))
        {
            DisposeKeys(other.Endpoint);
            foreach (LocalSigner signer in SignersOf(other.Endpoint))
                signer.Key.Dispose();
        }
        return [.. nodes.Select((node, index) => SetupOf(topology, node) with { Endpoint = EndpointOf(node, index, options) })];
    }

    /// <summary>One node as the file has it.</summary>
    public static NodeSetup SetupOf(TopologyModel topology, NodeDefinition node) =>
        new(topology.Name, node, node.Endpoint, [.. topology.Hosts.Where(host => host.Node == node.Name)], NamesOf(topology))
        {
            Azure = topology.Azure,
            Warnings = [.. topology.Warnings.Select(warning => warning.ToString())],
        };

    static EndpointConfiguration EndpointOf(NodeDefinition node, int index, RunOptions options)
    {
        EndpointConfiguration endpoint = node.Endpoint;
        if (!options.LocalAddresses.IsDefaultOrEmpty)
            endpoint = Rehome(endpoint, node, options.LocalAddresses[index]);
        if (options.KeyLogDirectory is not null)
            endpoint = endpoint with { Ike = endpoint.Ike with { EmitKeys = true } };
        return options.InitialSequenceNumber == 0 ? endpoint
            : endpoint with { Inner = endpoint.Inner with { InitialSequenceNumber = options.InitialSequenceNumber } };
    }

    /// <summary>Clears the keys of a configuration that nothing uses.</summary>
    public static void DisposeKeys(EndpointConfiguration endpoint)
    {
        foreach (PresharedKey key in endpoint.PresharedKeys)
            key.Key.Dispose();
        endpoint.QuickCrashDetectionSecret?.Dispose();
    }

    static IEnumerable<LocalSigner> SignersOf(EndpointConfiguration endpoint) => endpoint.Tunnels
        .Select(tunnel => tunnel.Connection.LocalAuthentication).OfType<LocalAuthentication.SignatureAuthentication>().SelectMany(local => local.Signers);

    /// <summary>A node's name stands for the public address that the file gives it.</summary>
    static ImmutableDictionary<string, ImmutableArray<IpAddress>> NamesOf(TopologyModel topology) => topology.Names.ToImmutableDictionary(
        name => name.Name,
        name => name.Targets.SelectMany(target => IpAddress.TryParse(target, out IpAddress address)
            ? [address]
            : topology.Nodes.Where(node => node.Name == target).Select(node => node.NatAddress ?? node.OuterAddress)).ToImmutableArray(),
        StringComparer.OrdinalIgnoreCase);

    public static NodeDefinition Choose(TopologyModel topology, string file, string? name, int? instance)
    {
        NodeDefinition[] named = [.. topology.Nodes.Where(node => name is null || node.Name == name)];
        string known = string.Join(", ", topology.Nodes.Select(node => node.Name).Distinct());
        if (named.Length == 0)
            throw new UserErrorException($"{file} has no node '{name}'; its nodes are {known}.");
        if (named.Select(node => node.Name).Distinct().Count() > 1)
            throw new UserErrorException($"Name the node to run with --node; {file} has {known}.");
        return named.SingleOrDefault(node => node.Instance == (instance ?? 0))
            ?? throw new UserErrorException($"Node {named[0].Name} has no instance {instance}; it has {string.Join(" and ", named.Select(node => node.Instance))}.");
    }

    /// <summary>
    /// Another outer address than the file's, as behind a NAT that the file does not show. What the peer identifies us by
    /// stays what the file says.
    /// </summary>
    public static EndpointConfiguration Rehome(EndpointConfiguration endpoint, NodeDefinition node, IpAddress local)
    {
        Identity identity = Identity.From(node.NatAddress ?? node.OuterAddress);
        return endpoint with
        {
            LocalAddresses = [local],
            Tunnels =
            [
                .. endpoint.Tunnels.Select(tunnel => tunnel with
                {
                    Connection = tunnel.Connection with
                    {
                        LocalAddress = tunnel.Connection.LocalAddress is null ? null : local,
                        LocalIdentity = tunnel.Connection.LocalIdentity ?? identity,
                    },
                }),
            ],
        };
    }

    /// <summary>ESP in UDP on every connection: where IP protocol 50 is not permitted.</summary>
    public static EndpointConfiguration WithForcedUdp(EndpointConfiguration endpoint) => endpoint with
    {
        Tunnels = [.. endpoint.Tunnels.Select(tunnel => tunnel with { Connection = tunnel.Connection with { ForceUdpEncapsulation = true } })],
    };
}
