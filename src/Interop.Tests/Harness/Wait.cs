using System.Diagnostics;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>Waits for something that another process does.</summary>
static class Wait
{
    /// <summary>For what must happen: far more than it takes, so that only a fault runs into it, also where a machine does many other things.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks again and again; false where patience ends first.</summary>
    internal static async Task<bool> ForAsync(Func<Task<bool>> condition)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        while (!await condition())
        {
            if (elapsed.Elapsed > Patience)
                return false;
            await Task.Delay(Pause);
        }
        return true;
    }

    internal static Task<bool> ForAsync(Func<bool> condition) => ForAsync(() => Task.FromResult(condition()));
}
