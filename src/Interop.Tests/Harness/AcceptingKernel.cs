namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// A library that charon preloads where the kernel has no ESP: its SAs are taken without being looked at. What user-space ESP refuses (transport mode, extended
/// sequence numbers, algorithms that only a kernel has) is negotiated to the end with it; packets are not protected, and no test may judge them.
/// </summary>
static class AcceptingKernel
{
    internal const string Compiler = "/usr/bin/cc";

    /// <summary>Builds it into a folder; skips the calling test where there is no compiler.</summary>
    internal static async Task<string> BuildAsync(string folder)
    {
        Requirements.SkipWithoutCompiler();
        string library = Path.Combine(folder, "accepting_kernel.so");
        await Tool.RunCheckedAsync(Compiler, "-shared", "-fPIC", "-o", library, Path.Combine(AppContext.BaseDirectory, "Harness", "accepting_kernel.c"),
            "-ldl");
        return library;
    }
}
