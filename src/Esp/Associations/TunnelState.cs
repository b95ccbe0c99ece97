namespace Ipsec.Esp.Associations;

/// <summary>What workers know of one tunnel: which SA sends what, and whether one was asked for.</summary>
sealed class TunnelState
{
    int _acquireReported;

    public OutboundPolicy Policy { get; } = new();

    /// <summary>True for one caller until <see cref="AcquireHandled"/>.</summary>
    public bool TryClaimAcquire() => Volatile.Read(ref _acquireReported) == 0 && Interlocked.Exchange(ref _acquireReported, 1) == 0;

    public void AcquireHandled() => Volatile.Write(ref _acquireReported, 0);
}
