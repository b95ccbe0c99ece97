using Ipsec.Lab.Run;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Lets lab time pass at the pace of a clock.</summary>
/// <param name="scale">Seconds of lab time in a second.</param>
/// <param name="takeIn">Does what other threads want of the lab, in each turn.</param>
sealed class LabPacer(LabRun run, TimeProvider clock, double scale, Action refresh, Action takeIn)
{
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(500);

    readonly TimeSpan _labStart = run.Now;
    readonly long _start = clock.GetTimestamp();
    long _refreshed = clock.GetTimestamp();

    /// <summary>Until the condition ends, lab time reaches its limit or the run is cancelled, whichever comes first.</summary>
    public async Task RunWhileAsync(Func<bool> goOn, TimeSpan limit, CancellationToken cancellation)
    {
        while (goOn() && run.Now < limit && !cancellation.IsCancellationRequested)
        {
            TimeSpan target = _labStart + clock.GetElapsedTime(_start) * scale;
            target = target < limit ? target : limit;
            while (goOn() && run.TryRunNext(target))
            {
            }
            if (goOn())
                run.RunUntil(target);
            takeIn();
            if (clock.GetElapsedTime(_refreshed) >= RefreshInterval)
            {
                refresh();
                _refreshed = clock.GetTimestamp();
            }
            await Task.Delay(Turn, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
