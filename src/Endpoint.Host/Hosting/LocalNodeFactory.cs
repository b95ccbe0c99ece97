using Ipsec.EndpointHost.Configuration;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>What <c>run</c> opens: sockets and a TUN, or virtual hosts, in the namespace of this process.</summary>
sealed class LocalNodeFactory(RunOptions options) : INodeFactory
{
    public NodeRuntime Open(NodeSetup setup, int machine, NodeServices services) => NodeRuntime.Open(options, setup, services);

    public void Closed(NodeSetup setup, int machine)
    {
        // The address is the machine's own, whichever of the gateway's it plays.
    }
}
