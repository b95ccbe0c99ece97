using System.Runtime.InteropServices;
using Ipsec.EndpointHost.Native;
using Ipsec.Esp;
using Ipsec.Esp.Coalescing;

namespace Ipsec.EndpointHost.Inner;

/// <summary>One worker's way into a TUN device, by its own queue, so that answers come to that worker too: segments of a flow are put together and written as one, from where they lie.</summary>
sealed unsafe class TunWriter(TunInnerSide inner, int worker, Action undelivered) : IInnerWriter
{
    /// <summary>Its header, the first packet, and the payloads of the others.</summary>
    const int MaximumPieces = 2 + PacketCoalescer.MaximumSegments - 1;

    readonly PacketCoalescer _coalescer = new();
    readonly byte* _header = (byte*)NativeMemory.AllocZeroed(SegmentationHeader.Length);
    readonly BufferSegment* _pieces = (BufferSegment*)NativeMemory.AllocZeroed(MaximumPieces, (nuint)sizeof(BufferSegment));

    public void Add(Span<byte> memory, Span<byte> packet)
    {
        var sink = new Sink(this, ref MemoryMarshal.GetReference(memory));
        TunOffloads offloads = inner.Device.Offloads;
        if (offloads == TunOffloads.TcpAndUdp || offloads == TunOffloads.Tcp && IsTcp(packet))
            _coalescer.Add(memory, packet, ref sink);
        else
            sink.Deliver(new CoalescedPacket { First = packet });
    }

    public void Flush(Span<byte> memory)
    {
        var sink = new Sink(this, ref MemoryMarshal.GetReference(memory));
        _coalescer.Flush(memory, ref sink);
    }

    public void Dispose()
    {
        NativeMemory.Free(_header);
        NativeMemory.Free(_pieces);
    }

    static bool IsTcp(ReadOnlySpan<byte> packet) => packet[packet[0] >> 4 == 6 ? 6 : 9] == Net.IpProtocol.Tcp;

    void Write(in CoalescedPacket packet, ref byte memory)
    {
        TunDevice tun = inner.Device;
        fixed (byte* first = packet.First, start = &memory)
        {
            int count = 0;
            nint length = 0;
            if (tun.Offloads != TunOffloads.None)
            {
                SegmentationHeader.Write(new Span<byte>(_header, SegmentationHeader.Length), packet);
                Append(_header, SegmentationHeader.Length, ref count, ref length);
            }
            Append(first, packet.First.Length, ref count, ref length);
            foreach (PayloadSlice slice in packet.Others)
                Append(start + slice.Offset, slice.Length, ref count, ref length);
            if (!tun.QueueOf(worker).TryWrite(_pieces, count, length))
                undelivered();
        }
    }

    void Append(byte* start, int octets, ref int count, ref nint length)
    {
        _pieces[count++] = new BufferSegment { Base = start, Length = octets };
        length += octets;
    }

    readonly ref struct Sink(TunWriter writer, ref byte memory) : ICoalescedSink
    {
        readonly ref byte _memory = ref memory;

        public void Deliver(in CoalescedPacket packet) => writer.Write(packet, ref _memory);
    }
}
