namespace Ipsec.Benchmarks.Throughput;

/// <summary>What is measured of a tunnel at a time; <c>--figures</c> names them in lower case.</summary>
enum Measurement
{
    /// <summary>Round trips, nothing else on the tunnel.</summary>
    Ping,

    /// <summary>One TCP stream, and what the tunnel's programs use of the processors for it.</summary>
    Tcp,

    /// <summary>Four TCP streams each way.</summary>
    Streams,

    /// <summary>Round trips beside one TCP stream.</summary>
    Loaded,

    /// <summary>The best rate of datagrams of 64 octets.</summary>
    Pps64,

    /// <summary>The best rate of inner packets of 1400 octets.</summary>
    Pps1400,

    /// <summary>How long an IKE request waits for its answer, with nothing on the tunnel and beside one TCP stream.</summary>
    Ike,

    /// <summary>What the tunnel's programs use of the processors while nothing is on the tunnel.</summary>
    Idle,
}
