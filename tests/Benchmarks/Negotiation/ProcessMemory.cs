using System.Globalization;
using System.Runtime.InteropServices;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>What this process holds, managed and native.</summary>
static partial class ProcessMemory
{
    /// <summary>Octets of memory that are this process's own, native ones included.</summary>
    public static long AfterCollection()
    {
        for (int n = 0; n < 2; n++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        MallocTrim(0);
        foreach (string line in File.ReadLines("/proc/self/smaps_rollup"))
        {
            if (line.StartsWith("Private_Dirty:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(14).Trim(" kB"), CultureInfo.InvariantCulture) * 1024;
        }
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
