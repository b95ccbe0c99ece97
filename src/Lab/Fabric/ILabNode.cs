using Ipsec.Azure.Diagnostics;
using Ipsec.Endpoint;
using Ipsec.Ike;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Fabric;

/// <summary>One VPN node of a running lab, on whatever fabric it is. Only the lab's own turn calls it, never two at once.</summary>
public interface ILabNode
{
    /// <summary>The node's name, and its instance where its gateway has more than one.</summary>
    string Label { get; }

    NodeDefinition Definition { get; }

    /// <summary>The address on the wire, which a fault may change.</summary>
    IpAddress OuterAddress { get; }

    /// <summary>Of a gateway: the machine that serves the address, as Azure's logs name it. Set while the node is off.</summary>
    string Machine { get; set; }

    /// <summary>Switched off by a fault.</summary>
    bool IsOff { get; }

    /// <summary>After a shutdown: it has said goodbye to all of its peers.</summary>
    bool IsClosed { get; }

    /// <summary>Of a node that is off: every tunnel down.</summary>
    EndpointStatus Status { get; }

    /// <summary>What Azure keeps about a gateway's address. It outlives the machine.</summary>
    InstanceDiagnostics Diagnostics { get; }

    /// <summary>Starts the connections that are to be started. Once.</summary>
    void Start();

    /// <summary>Power off: nobody is told, and nothing is kept.</summary>
    void Stop();

    /// <summary>Power on again, at the machine that <see cref="Machine"/> names.</summary>
    void Restart();

    /// <summary>Says goodbye to every peer; <see cref="IsClosed"/> follows.</summary>
    void Shutdown();

    /// <summary>Gives a command to its endpoint. The outcome follows within the lab's turn, at once or later.</summary>
    void Command(Func<IpsecEndpoint, Instant, CommandResult> command, Action<CommandResult> completed);

    /// <summary>
    /// Takes over another definition, whose endpoint <see cref="IpsecEndpoint.FindReloadFault"/> accepts; of a node that is off, with its return. Tunnels that did not
    /// change keep their SAs; those of a gateway with another shared key are reset.
    /// </summary>
    void Reload(NodeDefinition definition);
}
