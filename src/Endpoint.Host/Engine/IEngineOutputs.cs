using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Engine;

/// <summary>What the engine's outputs do in the world. Called on the engine's thread, in order.</summary>
interface IEngineOutputs
{
    void Send(in NetworkPath path, ReadOnlySpan<byte> datagram);

    /// <summary>A name that is answered without the system's resolver; null for every other one. Called on any thread.</summary>
    ImmutableArray<IpAddress>? ResolveName(string name);

    void InnerRoutesChanged(ImmutableArray<IpPrefix> routes);

    /// <summary>What peers have given this node: a complete list.</summary>
    void InnerAddressesChanged(ImmutableArray<VirtualAddresses> addresses);

    void EventOccurred(IkeEvent occurred, DateTimeOffset when);

    /// <summary>For the key log; the receiver disposes the keys.</summary>
    void EspKeysInstalled(EspKeysInstalled keys);
}
