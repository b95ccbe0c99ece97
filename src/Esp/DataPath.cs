using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// The ESP data plane of one endpoint (RFC 4303 in tunnel mode), with two faces. The control face belongs to the engine's owner,
/// who calls it from one thread at a time. The worker face, <see cref="Seal"/> and <see cref="Open"/>, is called
/// by any number of threads with their own buffers: in place, without a queue to the engine, without allocation per packet.
/// </summary>
public sealed class DataPath : IDisposable
{
    /// <param name="random">For SPI generations and the keys of CBC IV generators, drawn on the control face only.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public DataPath(DataPathOptions options, IRandomSource random) => throw new NotImplementedException();

    /// <summary>Raised on whatever thread made a report when one waits after none did; wakes the engine's owner and does nothing else.</summary>
    public event Action? ReportsPending { add { } remove { } }

    /// <summary>An SPI for a peer to write to us, never below 256; false when every slot is taken.</summary>
    public bool TryAllocateSpi(out uint spi) => throw new NotImplementedException();

    /// <summary>Gives back an SPI that was never installed; unknown values are ignored.</summary>
    public void ReleaseSpi(uint spi) => throw new NotImplementedException();

    /// <summary>Installs both directions of a child SA.</summary>
    /// <exception cref="ArgumentException">The Id is taken, the inbound SPI was not allocated here, or key lengths do not fit the transforms.</exception>
    public void Install(TunnelSaParameters parameters) => throw new NotImplementedException();

    /// <summary>Stops sending on an SA; what arrives on it is still accepted. An SA that waits for this one starts to send.</summary>
    public void RemoveOutbound(ulong id) => throw new NotImplementedException();

    /// <summary>Removes both directions, frees the SPI and clears the keys. Unknown ids are ignored.</summary>
    public void Remove(ulong id) => throw new NotImplementedException();

    /// <summary>Sends the SA's packets there from now on.</summary>
    public void SetPath(ulong id, NetworkPath path) => throw new NotImplementedException();

    /// <summary>Exchanges routes and tunnel settings as a whole.</summary>
    public void SetRoutes(RouteTable routes) => throw new NotImplementedException();

    /// <summary>The oldest report, if one waits.</summary>
    public bool TryTakeReport([NotNullWhen(true)] out DataPathReport? report) => throw new NotImplementedException();

    /// <summary>Lets the tunnel report <see cref="DataPathReport.Acquire"/> again.</summary>
    public void AcquireHandled(int tunnel) => throw new NotImplementedException();

    /// <summary>Lets <see cref="DataPathReport.UnknownSpi"/> be reported again.</summary>
    public void UnknownSpiHandled() => throw new NotImplementedException();

    /// <summary>Authenticated packets that arrived on an SA; 0 for an unknown one. For liveness (RFC 7296 §2.4).</summary>
    public ulong InboundPackets(ulong id) => throw new NotImplementedException();

    /// <summary>False if the SA is not installed.</summary>
    public bool TryGetCounters(ulong id, out SaCounters counters) => throw new NotImplementedException();

    public ulong GetCounter(DataPathCounter counter) => throw new NotImplementedException();

    /// <summary>Seals what the inner side hands over and gives it to <see cref="IDataPathSink.Transmit"/>.</summary>
    public void Seal<TSink>(SuperPacket packet, ref TSink sink) where TSink : IDataPathSink, allows ref struct => throw new NotImplementedException();

    /// <summary>Opens what arrived on the NAT traversal port or as protocol 50, each datagram by what it is: keepalive, IKE or ESP.</summary>
    /// <param name="batch">One or more datagrams without outer headers; opened in place, so its content is lost.</param>
    /// <param name="segmentSize">Length of each datagram, the last one may be shorter (UDP_GRO); 0 for one datagram.</param>
    /// <param name="path">Where they came from, seen from here.</param>
    /// <param name="outerTrafficClass">TOS octet or traffic class that they arrived with.</param>
    public void Open<TSink>(Span<byte> batch, int segmentSize, in NetworkPath path, byte outerTrafficClass, ref TSink sink)
        where TSink : IDataPathSink, allows ref struct => throw new NotImplementedException();

    /// <summary>Frees every cipher context and clears every key.</summary>
    public void Dispose() => throw new NotImplementedException();
}
