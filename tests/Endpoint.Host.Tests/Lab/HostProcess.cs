using System.Diagnostics;

namespace Ipsec.EndpointHost.Tests.Lab;

/// <summary>Runs the command line as a process of its own.</summary>
static class HostProcess
{
    public static readonly string SamplesFolder = Path.Combine(RepositoryRoot, "samples");

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "ipsec-endpoint.dll");
        return await RunProgramAsync("dotnet", [assembly, .. arguments], []);
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunProgramAsync(string program, string[] arguments,
        (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>The samples name a weak group, since Azure's default policy knows no other; that is said, and is no error.</summary>
    public static string WithoutWarnings(string error) =>
        string.Concat(error.Split('\n').Where(line => !line.StartsWith("warning: ", StringComparison.Ordinal) && line.Length > 0).Select(line => line + "\n"));

    static string RepositoryRoot
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Ipsec.sln")))
                    return folder.FullName;
            }
            throw new InvalidOperationException("No folder above the tests holds Ipsec.sln.");
        }
    }
}
