using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Netns;

/// <summary>The kernel's table of connections, which a NAT's mappings stand in.</summary>
static unsafe class ConnectionTracking
{
    // linux/netfilter/nfnetlink.h: subsystem in the upper octet of the type; NLM_F_REQUEST without a tuple means all of them.
    const ushort DeleteRequest = (1 << 8) | 2;
    const ushort Request = 1;
    const ushort Acknowledge = 4;
    const int Protocol = 12;
    const int HeaderLength = 16;
    const int MessageLength = HeaderLength + 4;

    /// <summary>Forgets every connection.</summary>
    /// <exception cref="UserErrorException">The kernel refuses.</exception>
    public static void Flush(NamespaceScope scope)
    {
        int error = scope.Run(Send);
        if (error != 0)
            throw new UserErrorException($"The NAT cannot be made to forget its mappings: {LibC.Describe(error)}.");
    }

    static int Send()
    {
        using FileDescriptor socket = LibC.Socket(SocketConstants.Netlink, SocketConstants.Raw | SocketConstants.CloseOnExec, Protocol);
        if (socket.IsInvalid)
            return LibC.LastError;
        Span<byte> message = stackalloc byte[MessageLength];
        message.Clear();
        BitConverter.TryWriteBytes(message, MessageLength);
        BitConverter.TryWriteBytes(message[4..], DeleteRequest);
        BitConverter.TryWriteBytes(message[6..], (ushort)(Request | Acknowledge));
        BitConverter.TryWriteBytes(message[8..], 1u);
        byte* answer = stackalloc byte[512];
        fixed (byte* start = message)
        {
            if (LibC.Send(socket, start, MessageLength, 0) != MessageLength || LibC.Receive(socket, answer, 512, 0) < HeaderLength + sizeof(int))
                return LibC.LastError;
        }
        // struct nlmsgerr: the negative error number, 0 for done.
        return -BitConverter.ToInt32(new ReadOnlySpan<byte>(answer + HeaderLength, sizeof(int)));
    }
}
