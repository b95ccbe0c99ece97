using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Inner;

/// <summary>One descriptor of a TUN device. It is read by one thread; anybody may write to it.</summary>
sealed unsafe class TunQueue(FileDescriptor descriptor) : IDisposable
{
    public FileDescriptor Descriptor => descriptor;

    /// <summary>The length of one packet, 0 if none is waiting, below 0 an error number: the interface has been deleted.</summary>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count = LibC.Read(descriptor, start, buffer.Length);
            if (count >= 0)
                return (int)count;
            int error = LibC.LastError;
            return error is ErrorNumber.TryAgain or ErrorNumber.Interrupted ? 0 : -error;
        }
    }

    /// <summary>False if the kernel did not take the packet: the interface is down, the packet is no IP packet, no memory.</summary>
    /// <param name="length">Of all pieces together.</param>
    public bool TryWrite(BufferSegment* pieces, int count, nint length) => LibC.WriteGathered(descriptor, pieces, count) == length;

    public void Dispose() => descriptor.Dispose();
}
