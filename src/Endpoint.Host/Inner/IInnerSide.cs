using System.Collections.Immutable;
using Ipsec.EndpointHost.Hosting;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>The protected side of a node: where opened packets go and from where packets to seal come (D7).</summary>
interface IInnerSide : IDisposable
{
    /// <summary>"tun" or "virtual".</summary>
    string Kind { get; }

    /// <summary>The TUN's name; null where there is no interface.</summary>
    string? InterfaceName { get; }

    /// <summary>The kernel's index of that interface; 0 where there is none.</summary>
    int InterfaceIndex { get; }

    /// <summary>One more local address and UDP port whose packets must not enter the tunnel. On the engine's thread.</summary>
    void AddOuter(IEnumerable<TransportAddress> outer);

    /// <summary>Starts to hand packets to the data path, on the workers' threads or on one of its own that ends with their stop signal.</summary>
    void Start(PacketWorkers workers);

    /// <summary>A worker's own way to give opened packets to the inner side.</summary>
    /// <param name="worker">Its index.</param>
    IInnerWriter CreateWriter(PacketWorkers workers, int worker);

    /// <summary>How packets get in and out, for the log.</summary>
    string Description { get; }

    /// <summary>The networks on our side, which never lead into the tunnel.</summary>
    void SetLocalNetworks(ImmutableArray<IpPrefix> networks);

    /// <summary>Addresses that peers have given this node, a complete list. Returns a sentence for each that could not be set.</summary>
    ImmutableArray<string> SetAddresses(ImmutableArray<IpAddress> addresses);

    /// <summary>The networks that must lead into the endpoint, a complete list. Returns a sentence for each that could not be set.</summary>
    ImmutableArray<string> SetRoutes(ImmutableArray<IpPrefix> routes);

    /// <summary>Of those networks, the ones behind a tunnel that is up: where several instances lead to one network, they come first. A complete
    /// list.</summary>
    void SetCarried(ImmutableArray<IpPrefix> prefixes);
}

/// <summary>Where one worker's opened packets go.</summary>
interface IInnerWriter : IDisposable
{
    /// <summary>Takes one opened packet, which may wait in its place for <see cref="Flush"/> and be changed there.</summary>
    /// <param name="memory">What the packets until then lie in; a packet outside of it does not wait.</param>
    void Add(Span<byte> memory, Span<byte> packet);

    /// <summary>Gives away what waits.</summary>
    void Flush(Span<byte> memory);
}
