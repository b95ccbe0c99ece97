namespace Ipsec.EndpointHost.Native;

// The values of Linux on x64 and arm64 (they are the same there): asm-generic/errno.h, linux/in.h, linux/in6.h, linux/udp.h.

static class ErrorNumber
{
    public const int OperationNotPermitted = 1;
    public const int NoSuchEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int TryAgain = 11;
    public const int PermissionDenied = 13;
    public const int Busy = 16;
    public const int NoSuchDevice = 19;
    public const int Invalid = 22;
    public const int MessageTooLong = 90;
    public const int ProtocolOptionUnknown = 92;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
}

static class NamespaceConstants
{
    /// <summary>CLONE_NEWNET.</summary>
    public const int Network = 0x40000000;
}

static class SocketConstants
{
    public const int Inet = 2;
    public const int Inet6 = 10;
    public const int Netlink = 16;
    public const int Packet = 17;
    public const int Datagram = 2;
    public const int Raw = 3;
    public const int CloseOnExec = 0x80000;
    public const int DontWait = 0x40;

    public const int LevelSocket = 1;
    public const int ReceiveBuffer = 8;
    public const int ReceiveBufferForce = 33;
    public const int SendBuffer = 7;
    public const int SendBufferForce = 32;

    public const int ReusePort = 15;
    public const int AttachReusePortFilter = 51; // SO_ATTACH_REUSEPORT_CBPF

    public const int LevelUdp = 17;
    public const int UdpSegment = 103;
    public const int UdpGenericReceiveOffload = 104;

    public const int LevelIp = 0;
    public const int IpTypeOfService = 1;
    public const int IpMtuDiscover = 10;
    public const int IpReceiveTypeOfService = 13;
    public const int IpMtu = 14;

    public const int LevelIpv6 = 41;
    public const int Ipv6MtuDiscover = 23;
    public const int Ipv6Mtu = 24;
    public const int Ipv6Only = 26;
    public const int Ipv6ReceiveTrafficClass = 66;
    public const int Ipv6TrafficClass = 67;

    /// <summary>IP_PMTUDISC_DONT and IPV6_PMTUDISC_DONT.</summary>
    public const int MtuDiscoverDont = 0;

    /// <summary>IP_PMTUDISC_DO and IPV6_PMTUDISC_DO: never fragment, and DF.</summary>
    public const int MtuDiscoverDo = 2;

    public const short PollIn = 1;
}
