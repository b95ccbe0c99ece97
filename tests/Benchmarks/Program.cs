using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Ipsec.Benchmarks;
using Ipsec.Benchmarks.ManyTunnels;
using Ipsec.Benchmarks.Negotiation;
using Ipsec.Benchmarks.Throughput;
using Ipsec.Benchmarks.Throughput.Load;

switch (args)
{
    case ["handshakes", .. string[] options] when TryRead(options, "--count", 2000, out int count, out bool asJson):
        return await HandshakeCommand.RunAsync(count, asJson);
    case ["scale", .. string[] options] when TryRead(options, "--tunnels", 10_000, out int tunnels, out bool asJson):
        return ScaleCommand.Run(tunnels, asJson);
    case ["tunnel", .. string[] options]:
        return await ThroughputCommand.RunAsync(options);
    case ["tunnels", .. string[] options] when TryRead(options, "--seconds", 4, out int seconds, out bool asJson, 600):
        return await TunnelsCommand.RunAsync(seconds, asJson);
    case ["allocations", .. string[] options] when TryRead(options, "--packets", 60_000, out int packets, out _, 1_000_000):
        return AllocationCommand.Run(packets);
    case [LoadCommand.Verb, .. string[] options]:
        return LoadCommand.Run(options);
    case ["handshakes" or "scale" or "tunnels" or "allocations", ..]:
        Console.Error.WriteLine("usage: handshakes [--count N] [--json] | scale [--tunnels N] [--json] | tunnels [--seconds N] [--json] | "
            + "allocations [--packets N], N from 1 to 60000, packets to 1000000");
        return 2;
    case [InitiatorChild.Verb, .. string[] options]:
        return InitiatorChild.Run(options);
    case [ResponderChild.Verb]:
        return ResponderChild.Run();
    case [DatagramSender.Verb, .. string[] options]:
        return DatagramSender.Run(options);
    case [DatagramReceiver.Verb, .. string[] options]:
        return DatagramReceiver.Run(options);
    case [IkeProber.Verb, .. string[] options]:
        return IkeProber.Run(options);
}

// Everything runs in this process: no project is generated and built for each benchmark, so that one command is enough.
// "smoke" runs every benchmark once: it shows that they work, its figures mean nothing.
bool isSmoke = args is ["smoke", ..];
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).WithArtifactsPath("artifacts/benchmarks");
config.AddJob((isSmoke ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance));
string[] arguments = isSmoke ? ["--filter", "*", .. args[1..]] : args;
Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(SealBenchmarks).Assembly).Run(arguments, config)];
bool allRan = summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
return allRan && summaries.Length > 0 ? 0 : 1;

static bool TryRead(string[] options, string numberOption, int defaultNumber, out int number, out bool asJson, int maximum = 60_000)
{
    number = defaultNumber;
    asJson = false;
    for (int n = 0; n < options.Length; n++)
    {
        if (options[n] == "--json")
            asJson = true;
        else if (options[n] != numberOption || ++n == options.Length
            || !int.TryParse(options[n], NumberStyles.None, CultureInfo.InvariantCulture, out number) || number == 0 || number > maximum)
            return false;
    }
    return true;
}
