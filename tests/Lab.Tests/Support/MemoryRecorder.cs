using Ipsec.Capture;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Support;

/// <summary>Captures of all wires in memory, as the host writes them into files.</summary>
sealed class MemoryRecorder : ILabRecorder
{
    readonly SortedDictionary<string, (MemoryStream Stream, PcapWriter Writer)> _wires = new(StringComparer.Ordinal);

    /// <summary>Every recorded packet.</summary>
    public List<(string Wire, byte[] Packet)> Packets { get; } = [];

    public IEnumerable<string> Wires => _wires.Keys;
    public int IkeKeysSeen { get; private set; }
    public int EspKeysSeen { get; private set; }

    public byte[] PcapOf(string wire) => _wires[wire].Stream.ToArray();

    public void Packet(string wire, Instant at, ReadOnlySpan<byte> packet)
    {
        if (!_wires.TryGetValue(wire, out (MemoryStream Stream, PcapWriter Writer) capture))
        {
            var stream = new MemoryStream();
            _wires.Add(wire, capture = (stream, new PcapWriter(stream)));
        }
        capture.Writer.Write(at.Utc, packet);
        Packets.Add((wire, packet.ToArray()));
    }

    public void IkeKeys(IkeKeysDerived keys)
    {
        Assert.Contains(keys.EncryptionInitiator.Span.ToArray(), octet => octet != 0);
        IkeKeysSeen++;
    }

    public void EspKeys(string node, EspKeysInstalled keys)
    {
        Assert.Contains(keys.InboundEncryptionKey.Span.ToArray(), octet => octet != 0);
        EspKeysSeen++;
    }
}
