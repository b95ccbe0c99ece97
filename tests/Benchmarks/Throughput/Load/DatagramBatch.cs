using System.Runtime.InteropServices;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>
/// A UDP socket and buffers for one sendmmsg(2) or recvmmsg(2), all made beforehand. Every datagram is a buffer of the kernel's own: no UDP_SEGMENT, no
/// UDP_GRO.
/// </summary>
sealed unsafe class DatagramBatch : IDisposable
{
    readonly FileDescriptor _socket;
    readonly BatchedMessage* _messages;
    readonly BufferSegment* _segments;
    readonly byte* _octets;
    readonly int _length;

    /// <param name="capacity">Datagrams per system call.</param>
    /// <param name="length">Octets of each datagram, or the most that are received of one.</param>
    /// <param name="local">Where it is bound.</param>
    public DatagramBatch(int capacity, int length, TransportAddress local)
    {
        (Capacity, _length) = (capacity, length);
        _messages = (BatchedMessage*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(BatchedMessage));
        _segments = (BufferSegment*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(BufferSegment));
        _octets = (byte*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)length);
        for (int i = 0; i < capacity; i++)
        {
            _segments[i] = new BufferSegment { Base = _octets + i * length, Length = length };
            _messages[i].Header = new MessageHeader { Segments = _segments + i, SegmentCount = 1 };
        }
        _socket = LibC.Socket(SocketConstants.Inet, SocketConstants.Datagram | SocketConstants.CloseOnExec, 0);
        Span<byte> name = stackalloc byte[SocketAddress.MaximumLength];
        fixed (byte* address = name)
            Check(LibC.Bind(_socket, address, (uint)SocketAddress.Write(name, local)));
    }

    public int Capacity { get; }

    /// <summary>From now on everything is sent there.</summary>
    public void Connect(TransportAddress remote)
    {
        Span<byte> name = stackalloc byte[SocketAddress.MaximumLength];
        fixed (byte* address = name)
            Check(LibC.Connect(_socket, address, (uint)SocketAddress.Write(name, remote)));
    }

    /// <param name="octets">Past the machine's own limit: root may.</param>
    public void EnlargeReceiveBuffer(int octets) =>
        Check(LibC.SetSocketOption(_socket, SocketConstants.LevelSocket, SocketConstants.ReceiveBufferForce, octets) ? 0 : -1);

    /// <summary>A buffer to be filled, or one that was received.</summary>
    public Span<byte> this[int index] => new(_octets + index * _length, _length);

    public int LengthOf(int index) => (int)_messages[index].Length;

    /// <summary>Sends the first of them.</summary>
    public void Send(int count)
    {
        for (int sent = 0; sent < count;)
        {
            int more = LibC.SendMessages(_socket, _messages + sent, (uint)(count - sent), 0);
            if (more > 0)
                sent += more;
            else if (LibC.LastError != ErrorNumber.Interrupted)
                Check(more);
        }
    }

    /// <summary>What is waiting in the socket, at most <see cref="Capacity"/>, without waiting for more.</summary>
    public int Receive()
    {
        int count = LibC.ReceiveMessages(_socket, _messages, (uint)Capacity, SocketConstants.DontWait, null);
        if (count < 0 && LibC.LastError is not (ErrorNumber.TryAgain or ErrorNumber.Interrupted))
            Check(count);
        return Math.Max(0, count);
    }

    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.Free(_messages);
        NativeMemory.Free(_segments);
        NativeMemory.Free(_octets);
    }

    static void Check(int result)
    {
        if (result < 0)
            throw new IOException(LibC.Describe(LibC.LastError));
    }
}
