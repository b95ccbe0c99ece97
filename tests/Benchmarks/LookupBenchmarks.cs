using BenchmarkDotNet.Attributes;
using Ipsec.Esp;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Replay;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks;

/// <summary>Longest-prefix match by the number of prefixes.</summary>
[MemoryDiagnoser]
public class RouteBenchmarks
{
    const int Lookups = 1024;

    readonly IpAddress[] _addresses = new IpAddress[Lookups];
    RouteTable _table = RouteTable.Empty;

    [Params(10, 1000, 100_000)]
    public int Prefixes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _table = new RouteTable(Enumerable.Range(0, Prefixes)
            .Select(i => new Route(new IpPrefix(IpAddress.V4((uint)random.NextInt64(1L << 32)), random.Next(12, 29)), RouteTarget.Into(i))));
        for (int i = 0; i < Lookups; i++)
            _addresses[i] = IpAddress.V4((uint)random.NextInt64(1L << 32));
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Lookup()
    {
        int found = 0;
        foreach (IpAddress address in _addresses)
            found += _table.TryLookup(address, out _) ? 1 : 0;
        return found;
    }
}

/// <summary>From the SPI of a packet to its association in a table that is full.</summary>
public class SpiBenchmarks
{
    const int Slots = 16384;

    readonly uint[] _spis = new uint[Slots];
    SpiTable _table = null!;

    [GlobalSetup]
    public void Setup()
    {
        _table = new SpiTable(Slots, new SeededRandomSource(1));
        for (int i = 0; i < Slots; i++)
            _table.TryAllocate(out _spis[i]);
        new Random(1).Shuffle(_spis);
    }

    /// <summary>The slots hold no association; what is measured is the way there.</summary>
    [Benchmark(OperationsPerInvoke = Slots)]
    public int Find()
    {
        int missing = 0;
        foreach (uint spi in _spis)
            missing += _table.Find(spi) is null ? 1 : 0;
        return missing;
    }
}

/// <summary>Check and update of the anti-replay window for packets in order and for packets that overtook each other.</summary>
public class ReplayBenchmarks
{
    const int Packets = 1024;

    ReplayWindow _window = null!;
    ulong _base;

    [Params(64, 1024, 4096)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup() => _window = new ReplayWindow(Size, isExtended: true);

    [Benchmark(OperationsPerInvoke = Packets)]
    public int InOrder() => Accept(swap: 0);

    [Benchmark(OperationsPerInvoke = Packets)]
    public int Reordered() => Accept(swap: 7);

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
        return accepted;
    }
}
