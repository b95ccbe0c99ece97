using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ipsec.EndpointHost.Native;

/// <summary>The calls into the C library of Linux that .NET's own sockets do not offer: TUN, control messages, raw IP, netlink.</summary>
static unsafe partial class LibC
{
    const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial FileDescriptor Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(nint descriptor);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int IoControl(FileDescriptor descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(FileDescriptor descriptor, void* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(FileDescriptor descriptor, void* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "writev", SetLastError = true)]
    public static partial nint WriteGathered(FileDescriptor descriptor, BufferSegment* segments, int count);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial FileDescriptor Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(FileDescriptor socket, void* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(FileDescriptor socket, void* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(FileDescriptor socket, int level, int name, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(FileDescriptor socket, int level, int name, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(FileDescriptor socket, void* buffer, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(FileDescriptor socket, void* buffer, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(FileDescriptor socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMessages(FileDescriptor socket, BatchedMessage* messages, uint count, int flags);

    [LibraryImport(Library, EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMessages(FileDescriptor socket, BatchedMessage* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial FileDescriptor EventDescriptor(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "umask")]
    public static partial uint SetFileModeMask(uint mask);

    [LibraryImport(Library, EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint InterfaceNameToIndex(string name);

    [LibraryImport(Library, EntryPoint = "setns", SetLastError = true)]
    public static partial int EnterNamespace(FileDescriptor target, int kind);

    [LibraryImport(Library, EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string program, nint* arguments);

    [LibraryImport(Library, EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetSignalHandler(int signal, nint handler);

    /// <summary>Becomes another program: its terminal, its signals and its exit code are ours. Comes back only where that fails, with an error number.</summary>
    public static int Become(string program, IReadOnlyList<string> arguments)
    {
        const int BrokenPipe = 13;
        const nint DefaultHandler = 0;
        // The runtime ignores it, and what is ignored stays so in the next program.
        SetSignalHandler(BrokenPipe, DefaultHandler);
        nint* values = stackalloc nint[arguments.Count + 2];
        values[0] = Marshal.StringToCoTaskMemUTF8(program);
        for (int index = 0; index < arguments.Count; index++)
            values[index + 1] = Marshal.StringToCoTaskMemUTF8(arguments[index]);
        values[arguments.Count + 1] = 0;
        Execute(program, values);
        int error = LastError;
        for (int index = 0; index <= arguments.Count; index++)
            Marshal.FreeCoTaskMem(values[index]);
        return error;
    }

    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>The C library's words for an error number: "Permission denied".</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    public static bool SetSocketOption(FileDescriptor socket, int level, int name, int value) =>
        SetSocketOption(socket, level, name, &value, sizeof(int)) == 0;
}

/// <summary>struct msghdr of recvmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public BufferSegment* Segments;
    public nint SegmentCount;
    public byte* Control;
    public nint ControlLength;
    public int Flags;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct BufferSegment
{
    public void* Base;
    public nint Length;
}

/// <summary>struct mmsghdr of recvmmsg(2) and sendmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
struct BatchedMessage
{
    public MessageHeader Header;
    public uint Length;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
struct PollEntry
{
    public int Descriptor;
    public short Events;
    public short Returned;

    public static PollEntry ForInput(FileDescriptor descriptor) => new() { Descriptor = (int)descriptor.DangerousGetHandle(), Events = SocketConstants.PollIn };
}

/// <summary>An open file descriptor, closed with its handle.</summary>
sealed class FileDescriptor() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => LibC.Close(handle) == 0;
}
