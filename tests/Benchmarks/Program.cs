using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// "smoke" runs every benchmark once in this process: it shows that they work, its figures mean nothing.
bool isSmoke = args is ["smoke", ..];
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).WithArtifactsPath("artifacts/benchmarks");
if (isSmoke)
    config.AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance));
string[] arguments = isSmoke ? ["--filter", "*", .. args[1..]] : args;
Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, config)];
bool allRan = summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
return allRan && summaries.Length > 0 ? 0 : 1;
