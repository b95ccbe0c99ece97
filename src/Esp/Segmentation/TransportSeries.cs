namespace Ipsec.Esp.Segmentation;

/// <summary>What transport mode carries of each packet of a series: everything behind the IP header.</summary>
/// <param name="series">Whole packets.</param>
/// <param name="headerLength">Of each packet's IP header.</param>
/// <param name="scratch">Room for the longest packet of the series.</param>
ref struct TransportSeries<TSeries>(TSeries series, int headerLength, Span<byte> scratch) : IPacketSeries where TSeries : IPacketSeries, allows ref struct
{
    readonly Span<byte> _scratch = scratch;
#pragma warning disable IDE0044 // A series is a struct that moves on while it is read: through a readonly field it would stand still.
    TSeries _series = series;
#pragma warning restore IDE0044

    public int NextLength => Math.Max(0, _series.NextLength - headerLength);

    public void WriteNext(scoped Span<byte> destination)
    {
        Span<byte> packet = _scratch[.._series.NextLength];
        _series.WriteNext(packet);
        packet[headerLength..].CopyTo(destination);
    }
}
