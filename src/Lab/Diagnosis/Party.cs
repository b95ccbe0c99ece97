using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis.Forecast;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Diagnosis;

/// <summary>One side of a comparison: its configuration of the connection, and in whose words a change is to be told.</summary>
sealed record Party(NodeKind Kind, ForecastSide Side)
{
    public string Name => Side.Name;

    public ConnectionConfiguration Connection => Side.Connection;

    /// <param name="label">What people call the node.</param>
    public static Party Of(NodeDefinition node, string label, ConnectionConfiguration connection) => new(node.Kind, new ForecastSide
    {
        Name = label,
        Connection = connection,
        PresharedKeys = node.Endpoint.PresharedKeys,
        OuterAddress = connection.LocalAddress ?? node.OuterAddress,
        PublicAddress = node.NatAddress ?? connection.LocalAddress ?? node.OuterAddress,
        Proves = connection.LocalAuthentication is LocalAuthentication.SignatureAuthentication ? ProofKind.Signature : ProofKind.PresharedKey,
        Demands =
        [
            .. connection.RemoteAuthentication.AllowsPresharedKey ? [ProofKind.PresharedKey] : ImmutableArray<ProofKind>.Empty,
            .. connection.RemoteAuthentication.AllowsSignature ? [ProofKind.Signature] : ImmutableArray<ProofKind>.Empty,
        ],
    });
}
