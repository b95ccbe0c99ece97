using Ipsec.Lab.Fabric;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netns;

/// <summary>A node of a lab on namespaces, whichever program plays it. What takes time it does beside the lab's turn.</summary>
interface INetnsNode : ILabNode, IDisposable
{
    /// <summary>Which of the namespaces serves its address.</summary>
    int MachineIndex { get; }

    /// <summary>It has opened its sockets and runs.</summary>
    bool IsServing { get; }

    /// <summary>What it could not do; the lab cannot go on.</summary>
    Exception? Failure { get; }

    /// <summary>A new turn of the lab: what was read before is old.</summary>
    void Forget();

    /// <summary>Its first address is another one; the fabric puts it on the wire.</summary>
    void ChangeAddress(IpAddress address);
}
