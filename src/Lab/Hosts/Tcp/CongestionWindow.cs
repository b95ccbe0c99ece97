namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>Slow start, congestion avoidance and fast recovery (RFC 5681, RFC 6582). Everything in octets.</summary>
sealed class CongestionWindow(int segmentSize)
{
    const int InitialSegments = 10;
    const int FewestSegments = 2;

    int _threshold = int.MaxValue;
    int _acknowledged;

    public int Size { get; private set; } = InitialSegments * segmentSize;

    /// <summary>Set while a loss is being repaired: the highest sequence number that had been sent when it was noticed.</summary>
    public SequenceNumber? Recovery { get; private set; }

    /// <summary>New data was acknowledged outside recovery.</summary>
    public void Grow(int acknowledged, int segment)
    {
        if (Size < _threshold)
        {
            Size += Math.Min(acknowledged, segment);
            return;
        }
        _acknowledged += acknowledged;
        if (_acknowledged < Size)
            return;
        _acknowledged -= Size;
        Size += segment;
    }

    /// <summary>Three duplicates: one segment is lost (RFC 5681 §3.2).</summary>
    public void BeginRecovery(int inFlight, int segment, SequenceNumber highest)
    {
        _threshold = Math.Max(inFlight / 2, FewestSegments * segment);
        Size = _threshold + 3 * segment;
        Recovery = highest;
    }

    /// <summary>Another duplicate: another segment has left the network.</summary>
    public void Inflate(int segment) => Size += segment;

    public void EndRecovery()
    {
        Recovery = null;
        Size = _threshold;
        _acknowledged = 0;
    }

    /// <summary>The retransmission timer ran out (RFC 5681 §3.1).</summary>
    public void Collapse(int inFlight, int segment)
    {
        _threshold = Math.Max(inFlight / 2, FewestSegments * segment);
        Size = segment;
        Recovery = null;
        _acknowledged = 0;
    }
}
