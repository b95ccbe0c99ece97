using System.Diagnostics;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks;

/// <summary>This program once more, inside a network namespace: what it is told and what it answers are lines.</summary>
sealed class NamespaceChild : IAsyncDisposable
{
    static readonly string ThisProgram = Path.Combine(AppContext.BaseDirectory, "Ipsec.Benchmarks");
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly Process _process;

    public NamespaceChild(NetworkNamespace inside, string verb, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", inside.Name, ThisProgram, verb, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <exception cref="InvalidOperationException">It ended; what went wrong is on standard error.</exception>
    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await AnswerAsync();
    }

    public async Task<string> AnswerAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _process.StandardOutput.ReadLineAsync(patience.Token)
            ?? throw new InvalidOperationException("A process of the measurement ended too early.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
