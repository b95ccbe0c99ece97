namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>One rate, offered for some seconds.</summary>
/// <param name="Asked">Datagrams per second that the sender was told to offer.</param>
/// <param name="Offered">Datagrams per second that it did offer.</param>
/// <param name="Delivered">Datagrams per second that arrived in time.</param>
/// <param name="ReorderedPercent">Of those that were offered.</param>
/// <param name="DuplicatedPercent">Of those that were offered.</param>
/// <param name="ProcessorMicroseconds">What the tunnel's programs at both ends used for each that arrived.</param>
sealed record DatagramTrial(int Asked, double Offered, double Delivered, double ReorderedPercent, double DuplicatedPercent, double ProcessorMicroseconds)
{
    const double TolerableLossPercent = 1;
    const double OfferedAsAsked = 0.98;

    public double LossPercent => 100 * (1 - Delivered / Offered);

    public bool IsDelivered => LossPercent <= TolerableLossPercent;

    /// <summary>It offered less than it was asked for: what limits is the sender.</summary>
    public bool IsLimitedBySender => Offered < OfferedAsAsked * Asked;
}
