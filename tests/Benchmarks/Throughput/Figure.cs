namespace Ipsec.Benchmarks.Throughput;

/// <summary>One number of a row.</summary>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Label">Its name in the table, with its unit.</param>
sealed record Figure(string Key, string Label)
{
    public static readonly Figure PingMedian = new("pingMedianMicroseconds", "ping, median µs");
    public static readonly Figure PingP99 = new("pingP99Microseconds", "ping, p99 µs");
    public static readonly Figure FastPingMedian = new("pingBackToBackMedianMicroseconds", "ping, each at the answer to the last, median µs");
    public static readonly Figure FastPingP99 = new("pingBackToBackP99Microseconds", "ping, each at the answer to the last, p99 µs");
    public static readonly Figure PingProcessor = new("pingProcessorPercent", "  its programs meanwhile, % of a processor");
    public static readonly Figure Stream = new("tcpGigabitsPerSecond", "TCP, one stream, Gbit/s");
    public static readonly Figure StreamPacketCost = new("tcpProcessorMicrosecondsPerPacket", "  its programs, µs of processor per inner packet");
    public static readonly Figure StreamGigabyteCost = new("tcpProcessorSecondsPerGigabyte", "  its programs, s of processor per GB");
    public static readonly Figure StreamsBothWays = new("tcpFourStreamsEachWayGigabitsPerSecond", "TCP, four streams each way, together, Gbit/s");
    public static readonly Figure LoadedPingMedian = new("pingUnderLoadMedianMicroseconds", "ping beside a stream, median µs");
    public static readonly Figure LoadedPingP99 = new("pingUnderLoadP99Microseconds", "ping beside a stream, p99 µs");
    public static readonly Figure SmallDatagrams = new("udp64PacketsPerSecond", "UDP 64 B, packets/s with at most 1 % loss");
    public static readonly Figure SmallDatagramCost = new("udp64ProcessorMicrosecondsPerPacket", "  its programs, µs of processor per packet");
    public static readonly Figure FullDatagrams = new("udp1372PacketsPerSecond", "UDP 1372 B (packets of 1400), packets/s");
    public static readonly Figure FullDatagramCost = new("udp1372ProcessorMicrosecondsPerPacket", "  its programs, µs of processor per such packet");
    public static readonly Figure IkeMedian = new("ikeMedianMicroseconds", "IKE answer, median µs");
    public static readonly Figure IkeP99 = new("ikeP99Microseconds", "IKE answer, p99 µs");
    public static readonly Figure LoadedIkeMedian = new("ikeUnderLoadMedianMicroseconds", "IKE answer beside a stream, median µs");
    public static readonly Figure LoadedIkeP99 = new("ikeUnderLoadP99Microseconds", "IKE answer beside a stream, p99 µs");
    public static readonly Figure IdleProcessor = new("idleProcessorPercent", "its programs without traffic, % of a processor");
}
