using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Diagnosis;

/// <summary>One side of a comparison: a node and its configuration of the connection.</summary>
sealed record Party(string Name, NodeKind Kind, ConnectionConfiguration Connection);
