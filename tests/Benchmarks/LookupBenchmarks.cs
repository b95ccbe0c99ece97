using BenchmarkDotNet.Attributes;
using Ipsec.Crypto;
using Ipsec.Esp;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Replay;
using Ipsec.Net;
using Ipsec.Tests.Support;
using Ipsec.Tests.Support.Packets;

namespace Ipsec.Benchmarks;

/// <summary>Longest-prefix match by the number of prefixes, for addresses that have a route and for addresses that have none, in random order.</summary>
[MemoryDiagnoser]
public class RouteBenchmarks
{
    const int Lookups = 4096;

    readonly IpAddress[] _inside = new IpAddress[Lookups];
    readonly IpAddress[] _outside = new IpAddress[Lookups];
    RouteTable _table = RouteTable.Empty;

    [Params(1, 1000, 100_000)]
    public int Prefixes { get; set; }

    [Params(4, 6)]
    public int Version { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        IpPrefix[] prefixes = [.. Enumerable.Range(0, Prefixes).Select(_ => AnyPrefix(random))];
        _table = new RouteTable(prefixes.Select((prefix, i) => new Route(prefix, RouteTarget.Into(i))));
        for (int i = 0; i < Lookups; i++)
        {
            _inside[i] = prefixes[random.Next(Prefixes)].Last;
            _outside[i] = Version == 6 ? IpAddress.V6((UInt128)0xFD << 120 | (ulong)random.NextInt64()) : IpAddress.V4(0xE000_0000 | (uint)random.Next(1 << 28));
        }
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Hit() => Find(_inside, Lookups);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Miss() => Find(_outside, 0);

    int Find(IpAddress[] addresses, int expected)
    {
        int found = 0;
        foreach (IpAddress address in addresses)
            found += _table.TryLookup(address, out _) ? 1 : 0;
        return found == expected ? found : throw new InvalidOperationException($"{found} addresses have a route.");
    }

    /// <summary>Below 224.0.0.0, and in 2000::/3.</summary>
    IpPrefix AnyPrefix(Random random) => Version == 6
        ? new IpPrefix(IpAddress.V6((UInt128)0x2000_0000_0000_0000UL << 64 | (UInt128)random.NextInt64(1L << 60) << 64), random.Next(32, 65))
        : new IpPrefix(IpAddress.V4((uint)random.NextInt64(0xE000_0000)), random.Next(12, 29));
}

/// <summary>From a packet to the SA of its tunnel, by the number of SAs whose remote selectors are one address or one network each.</summary>
[MemoryDiagnoser]
public class SelectorBenchmarks
{
    const int Lookups = 4096;
    const int NetworkLength = 29;

    readonly Flow[] _inside = new Flow[Lookups];
    readonly Flow[] _outside = new Flow[Lookups];
    OutboundPolicy _policy = new();
    TunnelSa[] _sas = [];

    [Params(1, 1000, 100_000)]
    public int Selectors { get; set; }

    [Params("host", "network")]
    public string Remote { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _policy = new OutboundPolicy();
        // One SA of many selectors is as long to search through as many of one.
        _sas = [.. Enumerable.Range(0, Math.Min(Selectors, 100)).Select(number => InertSa.Create((uint)number,
            [.. Enumerable.Range(0, Selectors).Where(i => i % Math.Min(Selectors, 100) == number).Select(Selector)]))];
        foreach (TunnelSa sa in _sas)
            _policy.Add(sa);
        for (int i = 0; i < Lookups; i++)
        {
            _inside[i] = To(IpAddress.V4(Base(random.Next(Selectors)) + 1));
            _outside[i] = To(IpAddress.V4(0xE000_0000 | (uint)random.Next(1 << 28)));
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (TunnelSa sa in _sas)
            InertSa.Close(sa);
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Hit() => Find(_inside, Lookups);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Miss() => Find(_outside, 0);

    int Find(Flow[] flows, int expected)
    {
        int found = 0;
        foreach (ref readonly Flow flow in flows.AsSpan())
            found += _policy.Select(flow) is null ? 0 : 1;
        return found == expected ? found : throw new InvalidOperationException($"{found} packets have an SA.");
    }

    TrafficSelector Selector(int number) => TrafficSelector.From(Remote == "host"
        ? IpPrefix.Host(IpAddress.V4(Base(number) + 1)) : new IpPrefix(IpAddress.V4(Base(number)), NetworkLength));

    static uint Base(int number) => 0x0A00_0000 + ((uint)number << (32 - NetworkLength));

    static Flow To(IpAddress destination)
    {
        byte[] octets = IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("172.16.0.1"), 1000), new TransportAddress(destination, 2000), new byte[8]);
        return IpPacket.TryParse(octets, out IpPacket packet) ? new Flow(packet) : default;
    }
}

/// <summary>From the SPI of a packet to its association, by the number of associations; 65,536 is as many as a table takes.</summary>
[MemoryDiagnoser]
public class SpiBenchmarks
{
    const int Slots = 65536;
    const int Lookups = 4096;

    readonly uint[] _known = new uint[Lookups];
    readonly uint[] _unknown = new uint[Lookups];
    SpiTable _table = null!;
    TunnelSa[] _sas = [];

    [Params(1, 1000, Slots)]
    public int Associations { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new SpiTable(Slots, new SeededRandomSource(1));
        _sas = new TunnelSa[Associations];
        for (int i = 0; i < Associations; i++)
        {
            _table.TryAllocate(out uint spi);
            _sas[i] = InertSa.Create(spi, [TrafficSelector.AnyV4]);
            _table.Install(_sas[i].Inbound);
        }
        var random = new Random(1);
        for (int i = 0; i < Lookups; i++)
        {
            _known[i] = _sas[random.Next(Associations)].Inbound.Spi;
            // Another generation of a slot that is in use: what a packet of a removed SA has.
            _unknown[i] = _known[i] ^ 1u << 31;
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (TunnelSa sa in _sas)
            InertSa.Close(sa);
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Hit() => Find(_known, Lookups);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Miss() => Find(_unknown, 0);

    int Find(uint[] spis, int expected)
    {
        int found = 0;
        foreach (uint spi in spis)
            found += _table.Find(spi) is null ? 0 : 1;
        return found == expected ? found : throw new InvalidOperationException($"{found} SPIs have an SA.");
    }
}

/// <summary>Check and update of the anti-replay window for packets in order, for packets that overtook each other, and the check alone for packets that are there again.</summary>
[MemoryDiagnoser]
public class ReplayBenchmarks
{
    const int Packets = 4096;

    ReplayWindow _window = null!;
    ulong _base;

    [Params(64, 1024, 4096)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _window = new ReplayWindow(Size, isExtended: true);
        InOrder();
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int InOrder() => Accept(swap: 0);

    [Benchmark(OperationsPerInvoke = Packets)]
    public int Reordered() => Accept(swap: 7);

    /// <summary>Inside the window: with extended numbers, what is left of it is taken for a number that is still to come.</summary>
    [Benchmark(OperationsPerInvoke = Packets)]
    public int Replayed()
    {
        int fresh = 0;
        for (ulong i = 0; i < Packets; i++)
            fresh += _window.IsFresh(_window.Infer((uint)(_base - i % (ulong)Size))) ? 1 : 0;
        return fresh == 0 ? fresh : throw new InvalidOperationException($"{fresh} packets that were replayed are fresh.");
    }

    int Accept(ulong swap)
    {
        int accepted = 0;
        for (ulong i = 0; i < Packets; i++)
        {
            ulong sequence = _window.Infer((uint)(_base + (i ^ swap) + 1));
            if (_window.IsFresh(sequence) && _window.TryAccept(sequence, out _))
                accepted++;
        }
        _base += Packets;
        return accepted == Packets ? accepted : throw new InvalidOperationException($"{accepted} packets are accepted.");
    }
}

/// <summary>Installed SAs for what is only found and never used.</summary>
static class InertSa
{
    public static TunnelSa Create(uint spi, TrafficSelector[] remote)
    {
        using var key = new Secret(new byte[36]);
        using var none = new Secret([]);
        return new TunnelSa(new TunnelSaParameters
        {
            Id = spi,
            Tunnel = 1,
            Transforms = Suites.Parse("aes256gcm16"),
            InboundSpi = spi,
            OutboundSpi = spi,
            InboundEncryptionKey = key,
            InboundIntegrityKey = none,
            OutboundEncryptionKey = key,
            OutboundIntegrityKey = none,
            LocalSelectors = [TrafficSelector.AnyV4],
            RemoteSelectors = [.. remote],
            Path = default,
        }, isActive: true, new SeededRandomSource(1));
    }

    public static void Close(TunnelSa sa)
    {
        sa.Inbound.Ciphers.Close();
        sa.Outbound.Close();
    }
}
