namespace Ipsec.EndpointHost.Inner;

/// <summary>What a TUN device takes and gives in one piece.</summary>
enum TunOffloads
{
    /// <summary>One packet per system call.</summary>
    None,

    /// <summary>TCP segments.</summary>
    Tcp,

    /// <summary>TCP segments and UDP datagrams (Linux 6.2).</summary>
    TcpAndUdp,
}
