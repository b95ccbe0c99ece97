using System.Text;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// A TUN interface: what the kernel routes into it is read here, what is written here the kernel takes as received.
/// It exists as long as its descriptor is open, so that it is gone with the process, also after SIGKILL.
/// </summary>
sealed unsafe class TunDevice : IDisposable
{
    const int ReadWrite = 2;
    const int NonBlocking = 0x800;
    const nuint SetInterface = 0x400454ca; // TUNSETIFF
    const short FlagTun = 1;
    const short FlagNoPacketInformation = 0x1000;
    const short FlagSegmentationHeader = 0x4000; // IFF_VNET_HDR
    const nuint SetOffloads = 0x400454d0; // TUNSETOFFLOAD
    const nint OffloadChecksum = 0x01;
    const nint OffloadTcp = 0x02 | 0x04; // TSO4, TSO6
    const nint OffloadUdp = 0x20 | 0x40; // USO4, USO6
    const int InterfaceRequestSize = 40;
    const int NameSize = 16;

    readonly FileDescriptor _descriptor;

    TunDevice(FileDescriptor descriptor, string name, int index, TunOffloads offloads) =>
        (_descriptor, Name, Index, Offloads) = (descriptor, name, index, offloads);

    public string Name { get; }

    /// <summary>The kernel's interface index.</summary>
    public int Index { get; }

    public FileDescriptor Descriptor => _descriptor;

    /// <summary>With any of them, a <see cref="SegmentationHeader"/> stands in front of each packet.</summary>
    public TunOffloads Offloads { get; }

    /// <param name="name">An interface name of at most 15 octets; "%d" in it is replaced by the first free number.</param>
    /// <exception cref="UserErrorException">There is no TUN driver, the permission is missing, or somebody else has that device.</exception>
    public static TunDevice Open(string name)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) >= NameSize || name.AsSpan().ContainsAny(" /\t"))
            throw new UserErrorException($"'{name}' is no interface name: 1 to 15 characters, no spaces and no slashes.");
        int error = TryOpen(name, FlagSegmentationHeader, out FileDescriptor descriptor, out string actual);
        TunOffloads offloads = error == 0 ? SwitchOn(descriptor) : TunOffloads.None;
        // A kernel without them still has a TUN.
        if (error == ErrorNumber.Invalid)
            error = TryOpen(name, 0, out descriptor, out actual);
        if (error != 0)
            throw Failure(name, error);
        return new TunDevice(descriptor, actual, (int)LibC.InterfaceNameToIndex(actual), offloads);
    }

    static int TryOpen(string name, short flags, out FileDescriptor descriptor, out string actual)
    {
        actual = name;
        descriptor = LibC.Open("/dev/net/tun", ReadWrite | NonBlocking | SocketConstants.CloseOnExec);
        if (descriptor.IsInvalid)
            return LibC.LastError;
        byte* request = stackalloc byte[InterfaceRequestSize];
        var octets = new Span<byte>(request, InterfaceRequestSize);
        octets.Clear();
        Encoding.UTF8.GetBytes(name, octets[..(NameSize - 1)]);
        BitConverter.TryWriteBytes(octets[NameSize..], (short)(FlagTun | FlagNoPacketInformation | flags));
        if (LibC.IoControl(descriptor, SetInterface, request) < 0)
        {
            int error = LibC.LastError;
            descriptor.Dispose();
            return error;
        }
        actual = Encoding.UTF8.GetString(octets[..octets.IndexOf((byte)0)]);
        return 0;
    }

    static TunOffloads SwitchOn(FileDescriptor descriptor)
    {
        if (LibC.IoControl(descriptor, SetOffloads, (void*)(OffloadChecksum | OffloadTcp | OffloadUdp)) == 0)
            return TunOffloads.TcpAndUdp;
        // Without any, the header is there all the same, and empty.
        LibC.IoControl(descriptor, SetOffloads, (void*)(OffloadChecksum | OffloadTcp));
        return TunOffloads.Tcp;
    }

    /// <summary>The length of one packet, 0 if none is waiting, below 0 an error number: the interface has been deleted.</summary>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count = LibC.Read(_descriptor, start, buffer.Length);
            if (count >= 0)
                return (int)count;
            int error = LibC.LastError;
            return error is ErrorNumber.TryAgain or ErrorNumber.Interrupted ? 0 : -error;
        }
    }

    /// <summary>False if the kernel did not take the packet: the interface is down, the packet is no IP packet, no memory.</summary>
    /// <param name="length">Of all pieces together.</param>
    public bool TryWrite(BufferSegment* pieces, int count, nint length) => LibC.WriteGathered(_descriptor, pieces, count) == length;

    public void Dispose() => _descriptor.Dispose();

    static UserErrorException Failure(string name, int error) => new(error switch
    {
        ErrorNumber.NoSuchEntry or ErrorNumber.NoSuchDevice =>
            "There is no TUN driver here (/dev/net/tun is missing); load the module 'tun', or use --inner virtual.",
        ErrorNumber.OperationNotPermitted or ErrorNumber.PermissionDenied =>
            "No permission for a TUN device; run as root or with CAP_NET_ADMIN, or use --inner virtual.",
        ErrorNumber.Busy => $"TUN device {name} is in use by another process; name another one with --tun.",
        ErrorNumber.Invalid => $"Interface {name} exists and is no TUN device; name another one with --tun.",
        _ => $"TUN device {name} cannot be opened: {LibC.Describe(error)}.",
    });
}
