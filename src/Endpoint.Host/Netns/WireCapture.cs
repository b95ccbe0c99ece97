using System.Buffers.Binary;
using Ipsec.Capture;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Native;
using Ipsec.Lab.Netns;

namespace Ipsec.EndpointHost.Netns;

/// <summary>One pcap for each outer wire, as a capture on the node's own interface shows it, and for each NAT one of its public side. The keys are logged beside them.</summary>
sealed unsafe class WireCapture : IDisposable
{
    const int EthernetHeader = 14;
    const ushort Ipv4 = 0x0800;
    const ushort Ipv6 = 0x86DD;
    const int LargestFrame = 65536 + EthernetHeader;

    // linux/if_ether.h, in network order; struct sockaddr_ll of packet(7).
    const ushort AllProtocols = 3;
    const int AddressLength = 20;

    readonly StopSignal _stop = new();
    readonly List<Thread> _threads = [];

    /// <exception cref="UserErrorException">The folder cannot be written, or the kernel refuses.</exception>
    public static WireCapture Start(NamespacePlan plan, string folder)
    {
        var capture = new WireCapture();
        try
        {
            Directory.CreateDirectory(folder);
            // The nodes append to them: what stands there belongs to another run.
            File.Delete(Path.Combine(folder, KeyTables.IkeFileName));
            File.Delete(Path.Combine(folder, KeyTables.EspFileName));
            foreach (PlannedNamespace machine in plan.Machines.Values.SelectMany(machines => machines))
                capture.Add(machine, NamespacePlan.Outer, folder);
            foreach (PlannedNamespace nat in plan.Nats.Values)
                capture.Add(nat, NamespacePlan.Public, folder);
            return capture;
        }
        catch (Exception exception)
        {
            capture.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
                throw new UserErrorException($"The capture folder {folder} cannot be written: {FileText.Reason(exception)}.");
            throw;
        }
    }

    public void Dispose()
    {
        _stop.Set();
        foreach (Thread thread in _threads)
            thread.Join();
        _stop.Dispose();
    }

    void Add(PlannedNamespace space, string interfaceName, string folder)
    {
        FileDescriptor socket = NamespaceScope.Of(space.Name).Run(() => Open(interfaceName));
        var file = new FileStream(Path.Combine(folder, $"{space.Node}.pcap"),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        var thread = new Thread(() => Record(socket, file)) { IsBackground = true, Name = $"capture {space.Node}" };
        _threads.Add(thread);
        thread.Start();
    }

    void Record(FileDescriptor socket, FileStream file)
    {
        using (socket)
        using (file)
        {
            var writer = new PcapWriter(file);
            byte[] frame = GC.AllocateUninitializedArray<byte>(LargestFrame, pinned: true);
            do
            {
                nint length;
                while ((length = Receive(socket, frame)) > 0)
                {
                    if (length > EthernetHeader && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(EthernetHeader - 2)) is Ipv4 or Ipv6)
                        writer.Write(TimeProvider.System.GetUtcNow(), frame.AsSpan(EthernetHeader, (int)length - EthernetHeader));
                }
                file.Flush();
            }
            while (_stop.WaitForInput(socket));
        }
    }

    static nint Receive(FileDescriptor socket, byte[] frame)
    {
        fixed (byte* start = frame)
            return LibC.Receive(socket, start, frame.Length, SocketConstants.DontWait);
    }

    static FileDescriptor Open(string interfaceName)
    {
        ushort protocol = BinaryPrimitives.ReverseEndianness(AllProtocols);
        FileDescriptor socket = LibC.Socket(SocketConstants.Packet, SocketConstants.Raw | SocketConstants.CloseOnExec, protocol);
        Span<byte> address = stackalloc byte[AddressLength];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)SocketConstants.Packet);
        BitConverter.TryWriteBytes(address[2..], protocol);
        BitConverter.TryWriteBytes(address[4..], LibC.InterfaceNameToIndex(interfaceName));
        int error;
        fixed (byte* start = address)
            error = socket.IsInvalid || LibC.Bind(socket, start, AddressLength) != 0 ? LibC.LastError : 0;
        if (error == 0)
            return socket;
        socket.Dispose();
        throw new UserErrorException($"The wire {interfaceName} cannot be captured: {LibC.Describe(error)}.");
    }
}
