namespace Ipsec.Esp.Associations;

/// <summary>
/// Packets and inner octets of one SA in one direction against its limits (RFC 4301 §4.4.2.1). Written under its direction's lock,
/// read without one. Part of its owner, never copied.
/// </summary>
struct TrafficMeter(TunnelSaParameters limits)
{
    readonly ulong _softPackets = limits.SoftPackets ?? ulong.MaxValue;
    readonly ulong _softBytes = limits.SoftBytes ?? ulong.MaxValue;
    readonly ulong _hardPackets = limits.HardPackets ?? ulong.MaxValue;
    readonly ulong _hardBytes = limits.HardBytes ?? ulong.MaxValue;
    ulong _packets;
    ulong _bytes;

    public ulong Packets => Volatile.Read(ref _packets);
    public ulong Bytes => Volatile.Read(ref _bytes);

    public readonly bool IsSoftLimitReached => _packets >= _softPackets || _bytes >= _softBytes;

    /// <summary>Would one more packet of this length go beyond a hard limit?</summary>
    public readonly bool Exceeds(int length) => _packets >= _hardPackets || _bytes + (ulong)length > _hardBytes;

    public void Add(int length)
    {
        Volatile.Write(ref _packets, _packets + 1);
        Volatile.Write(ref _bytes, _bytes + (ulong)length);
    }
}
