using Ipsec.Endpoint;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Azure.Instances;

/// <summary>ARM's <c>resetConnection</c> on one instance (reference §4.10): only that connection is torn down and restored, and nothing reboots.</summary>
public static class ConnectionReset
{
    /// <summary>The tunnels of a connection: one, and to another active-active gateway one more ("connection/1").</summary>
    public static IEnumerable<TunnelConfiguration> TunnelsOf(EndpointConfiguration configuration, string connection) => configuration.Tunnels.Where(tunnel =>
        tunnel.Connection.Name == connection || tunnel.Connection.Name.StartsWith(connection + "/", StringComparison.Ordinal));

    /// <summary>Deletes the SAs; an instance that dials by itself dials at once, another one waits for the peer.</summary>
    public static CommandResult Run(IpsecEndpoint endpoint, EndpointConfiguration configuration, string connection, Instant now)
    {
        CommandResult result = CommandResult.Success;
        foreach (TunnelConfiguration tunnel in TunnelsOf(configuration, connection))
        {
            string name = tunnel.Connection.Name;
            CommandResult outcome = endpoint.Terminate(name, now);
            if (outcome.IsAccepted && tunnel.Connection is { StartAction: StartAction.Start, MayInitiate: true })
                outcome = endpoint.Initiate(name, null, now);
            result = result.IsAccepted ? outcome : result;
        }
        return result;
    }
}
