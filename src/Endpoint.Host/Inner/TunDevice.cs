using System.Collections.Immutable;
using System.Text;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// A TUN interface: what the kernel routes into it is read here, what is written here the kernel takes as received.
/// It exists as long as one of its descriptors is open, so that it is gone with the process, also after SIGKILL.
/// </summary>
sealed unsafe class TunDevice : IDisposable
{
    const int ReadWrite = 2;
    const int NonBlocking = 0x800;
    const nuint SetInterface = 0x400454ca; // TUNSETIFF
    const short FlagTun = 1;
    const short FlagNoPacketInformation = 0x1000;
    const short FlagSegmentationHeader = 0x4000; // IFF_VNET_HDR
    const short FlagQueues = 0x100; // IFF_MULTI_QUEUE
    const nuint SetOffloads = 0x400454d0; // TUNSETOFFLOAD
    const nint OffloadChecksum = 0x01;
    const nint OffloadTcp = 0x02 | 0x04; // TSO4, TSO6
    const nint OffloadUdp = 0x20 | 0x40; // USO4, USO6
    const int InterfaceRequestSize = 40;
    const int NameSize = 16;

    TunDevice(ImmutableArray<TunQueue> queues, string name, int index, TunOffloads offloads) =>
        (Queues, Name, Index, Offloads) = (queues, name, index, offloads);

    public string Name { get; }

    /// <summary>The kernel's interface index.</summary>
    public int Index { get; }

    /// <summary>
    /// One for each of those who read it. The kernel reads a flow's packets into the queue that the flow's answers were written to, and others into one by their
    /// hash.
    /// </summary>
    public ImmutableArray<TunQueue> Queues { get; }

    public TunQueue QueueOf(int worker) => Queues[worker % Queues.Length];

    /// <summary>With any of them, a <see cref="SegmentationHeader"/> stands in front of each packet.</summary>
    public TunOffloads Offloads { get; }

    /// <param name="name">An interface name of at most 15 octets; "%d" in it is replaced by the first free number.</param>
    /// <param name="queues">How many are wanted, at least 1; where the kernel gives fewer, there are fewer.</param>
    /// <exception cref="UserErrorException">There is no TUN driver, the permission is missing, or somebody else has that device.</exception>
    public static TunDevice Open(string name, int queues)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) >= NameSize || name.AsSpan().ContainsAny(" /\t"))
            throw new UserErrorException($"'{name}' is no interface name: 1 to 15 characters, no spaces and no slashes.");
        short flags = (short)(FlagSegmentationHeader | (queues > 1 ? FlagQueues : 0));
        int error = TryOpen(name, flags, out FileDescriptor descriptor, out string actual);
        // A device that somebody made beforehand may have one queue only.
        if (error == ErrorNumber.Invalid && queues > 1)
            error = TryOpen(name, flags = FlagSegmentationHeader, out descriptor, out actual);
        TunOffloads offloads = error == 0 ? SwitchOn(descriptor) : TunOffloads.None;
        // A kernel without them still has a TUN.
        if (error == ErrorNumber.Invalid)
            error = TryOpen(name, flags = 0, out descriptor, out actual);
        if (error != 0)
            throw Failure(name, error);
        ImmutableArray<TunQueue>.Builder opened = ImmutableArray.CreateBuilder<TunQueue>();
        opened.Add(new TunQueue(descriptor));
        while (opened.Count < queues && (flags & FlagQueues) != 0 && TryOpen(actual, flags, out descriptor, out _) == 0)
            opened.Add(new TunQueue(descriptor));
        return new TunDevice(opened.ToImmutable(), actual, (int)LibC.InterfaceNameToIndex(actual), offloads);
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

    public void Dispose()
    {
        foreach (TunQueue queue in Queues)
            queue.Dispose();
    }

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
