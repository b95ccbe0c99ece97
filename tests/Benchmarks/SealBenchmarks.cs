using BenchmarkDotNet.Attributes;
using Ipsec.Esp;
using Ipsec.Net;
using Ipsec.Tests.Support.Packets;

namespace Ipsec.Benchmarks;

/// <summary>One inner packet sealed, and one sealed and opened, by suite and length.</summary>
[MemoryDiagnoser]
public class SealBenchmarks
{
    Tunnel _tunnel = null!;
    byte[] _packet = [];
    byte[] _sealed = [];
    byte[] _received = [];
    DiscardingSink _sink;

    [Params("aes128gcm16", "aes256gcm16", "aes256-sha1", "aes256-sha256", "aes256-sha512", "3des-sha1")]
    public string Suite { get; set; } = "";

    [Params(64, 512, 1400)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _tunnel = new Tunnel(Suites.Parse(Suite));
        _packet = Tunnel.Packet(Length);
        _sealed = _tunnel.Seal(_packet);
        _received = new byte[_sealed.Length];
    }

    [GlobalCleanup]
    public void Cleanup() => _tunnel.Dispose();

    [Benchmark]
    public int Seal()
    {
        _tunnel.Sender.Seal(new SuperPacket(_packet), ref _sink);
        return _sink.Transmitted;
    }

    /// <summary>With one copy of the datagram: opening destroys it.</summary>
    [Benchmark]
    public int Open()
    {
        _sealed.CopyTo(_received, 0);
        _tunnel.Receiver.Open(_received, 0, _tunnel.PathBack, 0, ref _sink);
        return _sink.Delivered;
    }
}

/// <summary>A super-packet of 60 KB cut and sealed into one buffer.</summary>
[MemoryDiagnoser]
public class SegmentationBenchmarks
{
    const int SegmentSize = 1348;

    readonly Tunnel _tunnel = new(Suites.Parse("aes256gcm16"));
    readonly byte[] _packet = Tunnel.Packet(60_000);
    DiscardingSink _sink;

    [Benchmark(OperationsPerInvoke = (60_000 - 28 + SegmentSize - 1) / SegmentSize)]
    public int SealSegments()
    {
        _tunnel.Sender.Seal(new SuperPacket(_packet, SegmentationKind.UdpV4, SegmentSize), ref _sink);
        return _sink.Transmitted;
    }

    /// <summary>The largest part of a segment's cost beside the cipher.</summary>
    [Benchmark]
    public ushort Checksum() => InternetChecksum.Compute(_packet.AsSpan(0, SegmentSize));
}
