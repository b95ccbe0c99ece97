using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Diagnosis.Forecast;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Explanation;

/// <summary>The other side's configuration as a file: a topology of this project, or a strongSwan swanctl.conf.</summary>
public sealed class PeerFile
{
    PeerFile(string name, ImmutableArray<Party> parties) => (Name, Parties) = (name, parties);

    /// <summary>As it was given.</summary>
    public string Name { get; }

    /// <summary>One for each connection of the file.</summary>
    internal ImmutableArray<Party> Parties { get; }

    /// <param name="fileName">Ends with ".conf" for a swanctl.conf; everything else is a topology.</param>
    /// <param name="include">The texts of the files that an include's pattern of a swanctl.conf names.</param>
    /// <param name="errors">Empty on success.</param>
    public static bool TryLoad(string text, string fileName, ISecretSource secrets, Func<string, IReadOnlyList<string>> include,
        [NotNullWhen(true)] out PeerFile? peer, out ImmutableArray<TopologyError> errors)
    {
        peer = null;
        if (fileName.EndsWith(".conf", StringComparison.Ordinal))
        {
            if (SwanctlFile.Load(text, fileName, include, out errors) is SwanctlFile swanctl)
                peer = new PeerFile(fileName, [.. swanctl.Connections.Select(connection => ToParty(swanctl, connection))]);
        }
        else if (TopologyFile.TryLoad(text, fileName, secrets, out TopologyModel? model, out errors))
        {
            peer = Of(model, fileName);
        }
        return peer is not null;
    }

    internal static PeerFile Of(TopologyModel model, string fileName) => new(fileName,
        [.. from node in model.Nodes from tunnel in node.Endpoint.Tunnels select Party.Of(node, Label(model, node), tunnel.Connection)]);

    internal static string Label(TopologyModel model, NodeDefinition node) =>
        model.Nodes.Count(other => other.Name == node.Name) > 1 ? $"{node.Name}/{node.Instance}" : node.Name;

    static Party ToParty(SwanctlFile file, SwanctlConnection connection) => new(NodeKind.Device, new ForecastSide
    {
        Name = file.Connections.Length == 1 ? "strongSwan" : $"strongSwan's {connection.Connection.Name}",
        Connection = connection.Connection,
        PresharedKeys = file.PresharedKeys,
        OuterAddress = connection.LocalAddresses is [var only] ? only : null,
        PublicAddress = connection.LocalAddresses is [var seen] ? seen : null,
        Proves = ToProof(connection.Local),
        Demands = [ToProof(connection.Remote)],
        SpeaksIkev2 = connection.SpeaksIkev2,
    });

    static ProofKind ToProof(SwanctlAuthentication authentication) => authentication switch
    {
        SwanctlAuthentication.PresharedKey => ProofKind.PresharedKey,
        SwanctlAuthentication.PublicKey => ProofKind.Signature,
        _ => ProofKind.Eap,
    };
}
