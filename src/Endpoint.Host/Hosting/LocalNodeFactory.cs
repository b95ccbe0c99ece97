using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Inner;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>What <c>run</c> opens: sockets and TUNs, or virtual hosts, in the namespace of this process. Several instances stand before one network.</summary>
/// <param name="areSeveral">Both instances of a gateway run here.</param>
sealed class LocalNodeFactory(RunOptions options, bool areSeveral) : INodeFactory, IDisposable
{
    readonly InnerSides _inner = new();

    public NodeRuntime Open(NodeSetup setup, int machine, NodeServices services) =>
        NodeRuntime.Open(options, setup, services with { SharedInner = _inner, TellsCarried = areSeveral });

    public void Closed(NodeSetup setup, int machine)
    {
        // The address is the machine's own, whichever of the gateway's it plays.
    }

    public void Dispose() => _inner.Dispose();
}
