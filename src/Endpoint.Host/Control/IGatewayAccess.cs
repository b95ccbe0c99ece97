using Ipsec.Azure.Instances;
using Ipsec.Ike;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Control;

/// <summary>One node with all of its instances that run, wherever they do: what can be done to a gateway and its connections as Azure does it.</summary>
interface IGatewayAccess
{
    string Name { get; }

    /// <summary>The public addresses by instance.</summary>
    IReadOnlyList<IpAddress> Addresses { get; }

    Task<CommandResult> FailAsync(FailoverKind kind, int? instance);

    Task<CommandResult> ResetAsync(int? instance);

    Task<CommandResult> MaintainAsync();

    /// <param name="instance">Null is every one.</param>
    Task<CommandResult> ResetConnectionAsync(string connection, int? instance);

    /// <summary>No failover is under way, and every instance is served.</summary>
    Task<bool> IsSettledAsync();

    /// <summary>The connection has a child SA on every instance that is served.</summary>
    Task<bool> IsUpAsync(string connection);
}
