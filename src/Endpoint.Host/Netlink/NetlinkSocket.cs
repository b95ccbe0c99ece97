using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Netlink;

/// <summary>A request and answer channel to the kernel's routing (NETLINK_ROUTE). Requests of several threads wait for each other.</summary>
sealed unsafe class NetlinkSocket : IDisposable
{
    const ushort TypeError = 2;
    const ushort TypeDone = 3;

    public delegate void MessageHandler(ushort type, ReadOnlySpan<byte> body);

    readonly FileDescriptor _socket;
    readonly Lock _lock = new();
    readonly byte[] _receiveBuffer = new byte[65536];
    uint _sequence;

    /// <param name="groups">Multicast groups to listen to; 0 for requests only.</param>
    public NetlinkSocket(uint groups = 0)
    {
        _socket = LibC.Socket(SocketConstants.Netlink, SocketConstants.Raw | SocketConstants.CloseOnExec, 0);
        if (_socket.IsInvalid)
            throw new IOException($"netlink is not available: {LibC.Describe(LibC.LastError)}");
        if (groups != 0)
            Join(groups);
    }

    public FileDescriptor Descriptor => _socket;

    /// <summary>Throws away what is waiting.</summary>
    public void Discard()
    {
        fixed (byte* start = _receiveBuffer)
        {
            while (LibC.Receive(_socket, start, _receiveBuffer.Length, SocketConstants.DontWait) > 0)
            {
            }
        }
    }

    /// <summary>Sends a change and returns the kernel's answer: 0 or an error number.</summary>
    public int Request(NetlinkMessage message)
    {
        lock (_lock)
            return ReceiveUntilDone(Send(message, NetlinkFlags.Acknowledge), null);
    }

    /// <summary>Asks for all objects of one kind and hands over each.</summary>
    public int Dump(NetlinkMessage message, MessageHandler handler)
    {
        lock (_lock)
            return ReceiveUntilDone(Send(message, NetlinkFlags.Dump), handler);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>struct sockaddr_nl: family, padding, port (the kernel chooses), groups.</summary>
    void Join(uint groups)
    {
        uint* address = stackalloc uint[3];
        address[0] = SocketConstants.Netlink;
        address[1] = 0;
        address[2] = groups;
        if (LibC.Bind(_socket, address, 3 * sizeof(uint)) == 0)
            return;
        string error = LibC.Describe(LibC.LastError);
        _socket.Dispose();
        throw new IOException($"netlink cannot be listened to: {error}");
    }

    uint Send(NetlinkMessage message, ushort flags)
    {
        uint sequence = ++_sequence;
        fixed (byte* start = message.Finish(sequence, flags))
        {
            int length = BitConverter.ToInt32(new ReadOnlySpan<byte>(start, 4));
            if (LibC.Send(_socket, start, length, 0) != length)
                throw new IOException($"netlink request failed: {LibC.Describe(LibC.LastError)}");
        }
        return sequence;
    }

    int ReceiveUntilDone(uint sequence, MessageHandler? handler)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = _receiveBuffer)
                count = LibC.Receive(_socket, start, _receiveBuffer.Length, 0);
            if (count < 0 && LibC.LastError == ErrorNumber.Interrupted)
                continue;
            if (count <= 0)
                throw new IOException($"netlink answer failed: {LibC.Describe(LibC.LastError)}");
            ReadOnlySpan<byte> rest = _receiveBuffer.AsSpan(0, (int)count);
            while (rest.Length >= NetlinkMessage.HeaderLength)
            {
                int length = BitConverter.ToInt32(rest);
                if (length < NetlinkMessage.HeaderLength || length > rest.Length)
                    break;
                ushort type = BitConverter.ToUInt16(rest[4..]);
                if (BitConverter.ToUInt32(rest[8..]) == sequence)
                {
                    if (type == TypeDone)
                        return 0;
                    if (type == TypeError)
                        return -BitConverter.ToInt32(rest[NetlinkMessage.HeaderLength..]);
                    handler?.Invoke(type, rest[NetlinkMessage.HeaderLength..length]);
                }
                rest = rest[Math.Min(rest.Length, NetlinkMessage.Align(length))..];
            }
        }
    }
}
