using System.Diagnostics;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>Waits for something that another process does.</summary>
static class Wait
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks again and again; false where the timeout came first.</summary>
    internal static async Task<bool> ForAsync(TimeSpan timeout, Func<Task<bool>> condition)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        while (!await condition())
        {
            if (elapsed.Elapsed > timeout)
                return false;
            await Task.Delay(Pause);
        }
        return true;
    }

    internal static Task<bool> ForAsync(TimeSpan timeout, Func<bool> condition) => ForAsync(timeout, () => Task.FromResult(condition()));
}
