using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Admission;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Operations;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>What the parts of one engine share: configuration, the injected sources, timers and the queue of outputs.</summary>
sealed class EngineContext(IkeEngineConfiguration configuration, ISpiAllocator spis, IRandomSource random, IChildTraffic? traffic, IMessageHooks? hooks)
{
    // RFC 7296 §2.10: 16 to 256 octets and at least half the key size of the PRF; 32 serve every PRF that we know.
    const int NonceLength = 32;

    // RFC 3948 §2.2: IKE on the NAT traversal port stands behind four zero octets where ESP has its SPI.
    const int NonEspMarkerLength = 4;

    ConnectionManager? _connections;
    IkeSaTable? _sas;
    HalfOpenTable? _halfOpen;
    OperationTable? _operations;
    ReassemblyBudget? _reassembly;
    VirtualAddressTable? _virtualAddresses;
    ulong _ikeSaCount;
    ulong _childSaCount;

    public IkeEngineConfiguration Configuration { get; set; } = configuration;
    public IkeEngineOptions Options => Configuration.Options;

    /// <summary>The outer addresses that this endpoint has now, in order of preference; the configuration names those of the start.</summary>
    public ImmutableArray<IpAddress> LocalAddresses { get; set; } = configuration.LocalAddresses;

    /// <summary>An address of the configuration that this endpoint does not have at present.</summary>
    public bool IsGone(IpAddress address) => Configuration.LocalAddresses.Contains(address) && !LocalAddresses.Contains(address);

    public ISpiAllocator Spis { get; } = spis;
    public IRandomSource Random { get; } = random;
    public IChildTraffic? Traffic { get; } = traffic;
    public IMessageHooks? Hooks { get; } = hooks;
    public TimerQueue Timers { get; } = new();
    public OutputQueue Outputs { get; } = new();
    public Counters Counters { get; } = new();
    public AddressPoolTable Pools { get; } = new();

    /// <summary>Every installed child SA, as the data path names it.</summary>
    public Dictionary<ChildSaId, ChildSa> ChildSas { get; } = [];

    public ConnectionManager Connections => _connections ??= new ConnectionManager(this);
    public IkeSaTable Sas => _sas ??= new IkeSaTable(this);
    public HalfOpenTable HalfOpen => _halfOpen ??= new HalfOpenTable(Sas);
    public OperationTable Operations => _operations ??= new OperationTable(this);
    public ReassemblyBudget Reassembly => _reassembly ??= new ReassemblyBudget(this);

    public VirtualAddressTable VirtualAddresses => _virtualAddresses ??= new VirtualAddressTable(Outputs);

    /// <summary>The one that was begun last, by either side.</summary>
    public IkeSaId NewestIkeSa => new(_ikeSaCount);

    public IkeSaId NextIkeSaId() => new(++_ikeSaCount);

    public ChildSaId NextChildSaId() => new(++_childSaCount);

    /// <param name="length">Octets, 16 to 256.</param>
    public byte[] NewNonce(int length = NonceLength)
    {
        byte[] nonce = new byte[length];
        Random.Fill(nonce);
        return nonce;
    }

    public ulong NextUInt64()
    {
        Span<byte> octets = stackalloc byte[8];
        Random.Fill(octets);
        return BinaryPrimitives.ReadUInt64BigEndian(octets);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextFraction() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    public void Emit(IkeEvent happened) => Outputs.Add(new EventOccurred(happened));

    public void CountFault(string fault, NetworkPath path)
    {
        Counters.Add(fault);
        Emit(new PeerFaultCounted(fault, path));
    }

    /// <summary>Sends an IKE message in as many datagrams as it has.</summary>
    public void Transmit(NetworkPath path, byte[][] message)
    {
        foreach (byte[] datagram in message)
            Transmit(path, datagram.AsSpan());
    }

    /// <summary>Sends an IKE message on a path, behind the non-ESP marker where that path wants one. An empty one was held back by a hook.</summary>
    public void Transmit(NetworkPath path, ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            return;
        int marker = path.Encapsulation == PathEncapsulation.UdpEncapsulated ? NonEspMarkerLength : 0;
        byte[] datagram = new byte[marker + message.Length];
        message.CopyTo(datagram.AsSpan(marker));
        Outputs.Add(new TransmitDatagram(path, datagram));
    }
}
