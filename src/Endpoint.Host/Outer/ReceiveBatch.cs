using System.Runtime.InteropServices;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Outer;

/// <summary>
/// Buffers for one recvmmsg(2): several datagrams per system call, each with its sender and traffic class, and each maybe several datagrams of the same
/// sender side by side (UDP_GRO). One thread's own.
/// </summary>
sealed unsafe class ReceiveBatch : IDisposable
{
    const int Capacity = 8;
    const int DatagramOctets = 65536;
    const int ControlOctets = 64;

    readonly BatchedMessage* _messages;
    readonly BufferSegment* _segments;
    readonly byte* _names;
    readonly byte* _controls;
    readonly byte* _datagrams;

    public ReceiveBatch()
    {
        _messages = (BatchedMessage*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(BatchedMessage));
        _segments = (BufferSegment*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(BufferSegment));
        _names = (byte*)NativeMemory.AllocZeroed(Capacity, SocketAddress.MaximumLength);
        _controls = (byte*)NativeMemory.AllocZeroed(Capacity, ControlOctets);
        _datagrams = (byte*)NativeMemory.Alloc(Capacity, DatagramOctets);
        for (int i = 0; i < Capacity; i++)
            _segments[i] = new BufferSegment { Base = _datagrams + i * DatagramOctets, Length = DatagramOctets };
    }

    /// <summary>What is waiting in the socket, without waiting for more; 0 if nothing is, below 0 an error number.</summary>
    public int Receive(FileDescriptor socket)
    {
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].Header = new MessageHeader
            {
                Name = _names + i * SocketAddress.MaximumLength,
                NameLength = SocketAddress.MaximumLength,
                Segments = _segments + i,
                SegmentCount = 1,
                Control = _controls + i * ControlOctets,
                ControlLength = ControlOctets,
            };
        }
        int count = LibC.ReceiveMessages(socket, _messages, Capacity, SocketConstants.DontWait, null);
        if (count >= 0)
            return count;
        int error = LibC.LastError;
        return error is ErrorNumber.TryAgain or ErrorNumber.Interrupted ? 0 : -error;
    }

    /// <summary>All buffers: what every datagram lies in.</summary>
    public Span<byte> Memory => new(_datagrams, Capacity * DatagramOctets);

    public Span<byte> Datagram(int index) => new(_datagrams + index * DatagramOctets, (int)_messages[index].Length);

    public TransportAddress Sender(int index) => SocketAddress.Read(new ReadOnlySpan<byte>(_names + index * SocketAddress.MaximumLength, SocketAddress.MaximumLength));

    /// <param name="segmentSize">Length of each datagram, the last one may be shorter; 0 for one.</param>
    public byte TrafficClass(int index, out int segmentSize) =>
        ControlMessage.Read(new ReadOnlySpan<byte>(_controls + index * ControlOctets, (int)_messages[index].Header.ControlLength), out segmentSize);

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_segments);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_datagrams);
    }
}
