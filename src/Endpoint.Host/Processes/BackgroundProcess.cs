using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ipsec.EndpointHost.Processes;

/// <summary>A program that runs beside us; the end of what it prints is kept, to be told where it fails.</summary>
sealed class BackgroundProcess : IAsyncDisposable
{
    /// <summary>Characters of its output.</summary>
    const int MostKept = 1 << 20;

    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    readonly Process _process;
    readonly StringBuilder _output = new();

    BackgroundProcess(Process process) => _process = process;

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    /// <summary>What it has used of the processors so far.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    internal int ExitCode => _process.ExitCode;

    internal string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    internal static BackgroundProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        Process process = new() { StartInfo = Tool.StartInfo(program, arguments, environment) };
        BackgroundProcess background = new(process);
        process.OutputDataReceived += background.Keep;
        process.ErrorDataReceived += background.Keep;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return background;
    }

    /// <summary>Sends a signal by its name: TERM, INT, KILL.</summary>
    internal async Task SignalAsync(string signal)
    {
        if (!_process.HasExited)
            await Tool.RunAsync("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
    }

    /// <summary>Waits for the end; false where the timeout came first.</summary>
    internal async Task<bool> WaitForExitAsync(TimeSpan timeout)
    {
        using CancellationTokenSource deadline = new(timeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Asks it to end and waits; past 30 s it is killed and the answer is false.</summary>
    internal async Task<bool> StopAsync(string signal = "TERM")
    {
        await SignalAsync(signal);
        if (await WaitForExitAsync(StopTimeout))
            return true;
        await KillAsync();
        return false;
    }

    internal async Task KillAsync()
    {
        await SignalAsync("KILL");
        await WaitForExitAsync(StopTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_output)
        {
            if (_output.Length > MostKept)
                _output.Remove(0, MostKept / 2);
            _output.AppendLine(line.Data);
        }
    }
}
