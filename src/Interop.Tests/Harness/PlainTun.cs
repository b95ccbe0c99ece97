using System.Text;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netns;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>A TUN device without offloads in a namespace: a super-packet of a veth is read here as the packets that a wire would carry.</summary>
sealed unsafe class PlainTun : IDisposable
{
    const int ReadWriteNonBlocking = 0x2 | 0x800;
    const nuint SetInterface = 0x400454ca; // TUNSETIFF
    const short TunWithoutInformation = 0x0001 | 0x1000; // IFF_TUN, IFF_NO_PI
    const int InterfaceRequestSize = 40;
    const int FlagsOffset = 16;

    readonly FileDescriptor _descriptor;

    PlainTun(FileDescriptor descriptor) => _descriptor = descriptor;

    internal static PlainTun Open(NetworkNamespace inside, string name) => new(NamespaceScope.Of(inside.Name).Run(() =>
    {
        FileDescriptor descriptor = LibC.Open("/dev/net/tun", ReadWriteNonBlocking | SocketConstants.CloseOnExec);
        byte* request = stackalloc byte[InterfaceRequestSize];
        Span<byte> octets = new(request, InterfaceRequestSize);
        octets.Clear();
        Encoding.ASCII.GetBytes(name, octets);
        BitConverter.TryWriteBytes(octets[FlagsOffset..], TunWithoutInformation);
        if (descriptor.IsInvalid || LibC.IoControl(descriptor, SetInterface, request) < 0)
            throw new IOException($"no TUN device {name}: {LibC.Describe(LibC.LastError)}");
        return descriptor;
    }));

    /// <summary>Waits until a packet is there, this long at most.</summary>
    internal void Wait(TimeSpan longest)
    {
        PollEntry entry = new() { Descriptor = (int)_descriptor.DangerousGetHandle(), Events = SocketConstants.PollIn };
        LibC.Poll(&entry, 1, (int)Math.Ceiling(longest.TotalMilliseconds));
    }

    /// <summary>The length of one packet; 0 if none is there.</summary>
    internal int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return (int)Math.Max(0, LibC.Read(_descriptor, start, buffer.Length));
    }

    internal void Write(ReadOnlySpan<byte> packet)
    {
        fixed (byte* start = packet)
            LibC.Write(_descriptor, start, packet.Length);
    }

    public void Dispose() => _descriptor.Dispose();
}
