using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Workers;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>
/// The ESP data plane of one endpoint (RFC 4303, tunnel and transport mode), with two faces. The control face belongs to the engine's owner,
/// who calls it from one thread at a time. The worker face, <see cref="Seal"/> and <see cref="Open"/>, is called
/// by any number of threads with their own buffers: in place, without a queue to the engine, without allocation per packet.
/// </summary>
public sealed class DataPath : IDisposable
{
    const int LargestMtu = 65000;
    const int SmallestMtu = 576;
    const int FewestSpiSlots = 256;
    const int MostSpiSlots = 65536;

    readonly DataPathState _state;

    /// <param name="options">How packets are treated.</param>
    /// <param name="random">For SPI generations and the keys of CBC IV generators, drawn on the control face only.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public DataPath(DataPathOptions options, IRandomSource random)
    {
        if (options.Mtu is < SmallestMtu or > LargestMtu)
            throw new ArgumentOutOfRangeException(nameof(options), options.Mtu, $"The MTU is {SmallestMtu} to {LargestMtu} octets.");
        if (options.SpiSlots is < FewestSpiSlots or > MostSpiSlots || (options.SpiSlots & options.SpiSlots - 1) != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.SpiSlots,
                $"SPI slots are a power of two from {FewestSpiSlots} to {MostSpiSlots}.");
        _state = new DataPathState(options, random);
    }

    /// <summary>
    /// Raised on whatever thread made a report when one waits after none did, at the end of its <see cref="Seal"/> or
    /// <see cref="Open"/>. It wakes the engine's owner, who takes reports until there is none.
    /// </summary>
    public event Action? ReportsPending
    {
        add => _state.Reports.Pending += value;
        remove => _state.Reports.Pending -= value;
    }

    /// <summary>An SPI for a peer to write to us, never below 256; false when every slot is taken.</summary>
    public bool TryAllocateSpi(out uint spi) => _state.Associations.TryAllocateSpi(out spi);

    /// <summary>Gives back an SPI that was never installed; other values are ignored.</summary>
    public void ReleaseSpi(uint spi) => _state.Associations.ReleaseSpi(spi);

    /// <summary>Installs both directions of a child SA.</summary>
    /// <exception cref="ArgumentException">The Id is taken, the inbound SPI was not allocated here, or key lengths do not fit the transforms.</exception>
    public void Install(TunnelSaParameters parameters) => _state.Associations.Install(parameters);

    /// <summary>Stops sending on an SA; what arrives on it is still accepted. An SA that waits for this one starts to send.</summary>
    public void RemoveOutbound(ulong id) => _state.Associations.RemoveOutbound(id);

    /// <summary>An SA that waits for another one to be replaced waits no longer. Unknown ids are ignored.</summary>
    public void Activate(ulong id)
    {
        if (_state.Associations.TryFind(id, out TunnelSa? sa))
            sa.Outbound.Activate();
    }

    /// <summary>Removes both directions, frees the SPI and clears the keys. Unknown ids are ignored.</summary>
    public void Remove(ulong id) => _state.Associations.Remove(id);

    /// <summary>Sends the SA's packets there from now on. Unknown ids are ignored.</summary>
    public void SetPath(ulong id, NetworkPath path)
    {
        if (_state.Associations.TryFind(id, out TunnelSa? sa))
            sa.SetPath(path);
    }

    /// <summary>Exchanges routes and tunnel settings as a whole.</summary>
    public void SetRoutes(RouteTable routes) => _state.SetRoutes(routes);

    /// <summary>The oldest report, if one waits.</summary>
    public bool TryTakeReport([NotNullWhen(true)] out DataPathReport? report) => _state.Reports.TryTake(out report);

    /// <summary>Lets the tunnel report <see cref="DataPathReport.Acquire"/> again.</summary>
    public void AcquireHandled(int tunnel) => _state.Associations.Tunnel(tunnel).AcquireHandled();

    /// <summary>Lets <see cref="DataPathReport.UnknownSpi"/> be reported again.</summary>
    public void UnknownSpiHandled() => _state.Reports.UnknownSpiHandled();

    /// <summary>Authenticated packets that arrived on an SA; 0 for an unknown one. For liveness (RFC 7296 §2.4).</summary>
    public ulong InboundPackets(ulong id) => _state.Associations.TryFind(id, out TunnelSa? sa) ? sa.Inbound.Meter.Packets : 0;

    /// <summary>Packets that were sent on an SA; 0 for an unknown one.</summary>
    public ulong OutboundPackets(ulong id) => _state.Associations.TryFind(id, out TunnelSa? sa) ? sa.Outbound.Meter.Packets : 0;

    /// <summary>False if the SA is not installed.</summary>
    public bool TryGetCounters(ulong id, out SaCounters counters)
    {
        counters = default;
        if (!_state.Associations.TryFind(id, out TunnelSa? sa))
            return false;
        counters = new SaCounters(sa.Inbound.Meter.Packets, sa.Inbound.Meter.Bytes, sa.Outbound.Meter.Packets, sa.Outbound.Meter.Bytes);
        return true;
    }

    /// <summary>Installed SAs and SPIs given out, for those who look for what was left behind.</summary>
    internal (int Associations, int Spis) Figures => (_state.Associations.Count, _state.Associations.AllocatedSpis);

    /// <summary>What the translation rules of a tunnel did, in their order; empty where it has none.</summary>
    public ImmutableArray<NatCounters> GetNatCounters(int tunnel) => _state.Routes.NatCounters(tunnel);

    public ulong GetCounter(DataPathCounter counter) => _state.Count(counter);

    /// <summary>
    /// What time it is, for the age of translated flows and for the shaper; called by workers before a packet or a batch, and by the engine's owner. The data
    /// path reads no clock: time stands still until somebody says otherwise, and never goes back.
    /// </summary>
    /// <param name="monotonic">As in <see cref="Instant.Monotonic"/>, of one clock for all callers.</param>
    public void AdvanceTo(TimeSpan monotonic) => _state.AdvanceTo(monotonic);

    /// <summary>A worker of its own for a thread that moves many packets, which may gather what it seals. It lives as long as the data path.</summary>
    public DataPathWorker CreateWorker() => _state.CreateWorker();

    /// <summary>Seals what the inner side hands over and gives it to <see cref="IDataPathSink.Transmit"/>.</summary>
    public void Seal<TSink>(SuperPacket packet, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        DataPathWorker worker = _state.Pool.Rent();
        try
        {
            worker.Seal(packet, ref sink);
            worker.Flush(ref sink);
        }
        finally
        {
            worker.Reset();
            _state.Pool.Return(worker);
        }
    }

    /// <summary>Opens what arrived on the NAT traversal port or as protocol 50, each datagram by what it is: keepalive, IKE or ESP.</summary>
    /// <param name="batch">One or more datagrams without outer headers; opened in place, so its content is lost.</param>
    /// <param name="segmentSize">Length of each datagram, the last one may be shorter (UDP_GRO); 0 for one datagram.</param>
    /// <param name="path">Where they came from, seen from here.</param>
    /// <param name="outerTrafficClass">TOS octet or traffic class that they arrived with.</param>
    /// <param name="sink">Where packets go.</param>
    public void Open<TSink>(Span<byte> batch, int segmentSize, in NetworkPath path, byte outerTrafficClass, ref TSink sink)
        where TSink : IDataPathSink, allows ref struct
    {
        DataPathWorker worker = _state.Pool.Rent();
        try
        {
            worker.Open(batch, segmentSize, path, outerTrafficClass, ref sink);
            worker.Flush(ref sink);
        }
        finally
        {
            worker.Reset();
            _state.Pool.Return(worker);
        }
    }

    /// <summary>Removes every SA: frees the cipher contexts and clears the keys.</summary>
    public void Dispose() => _state.Associations.RemoveAll();
}
