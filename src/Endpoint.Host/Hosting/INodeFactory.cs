using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Opens the runtimes of a node wherever its owner has them: in this network namespace, or in one of their own.</summary>
interface INodeFactory
{
    /// <summary>Claims everything that one instance needs. Called on any thread, for one instance one call at a time.</summary>
    /// <param name="machine">The one of a gateway's two machines that serves the instance's address from now on; 0 for a device.</param>
    /// <exception cref="UserErrorException">A port is in use, a permission is missing, the configuration contradicts itself.</exception>
    NodeRuntime Open(NodeSetup setup, int machine, NodeServices services);

    /// <summary>A runtime that <see cref="Open"/> gave is disposed: the machine has no address any more.</summary>
    void Closed(NodeSetup setup, int machine);
}
