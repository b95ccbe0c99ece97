using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// Everything runs in this process: no project is generated and built for each benchmark, so that one command is enough.
// "smoke" runs every benchmark once: it shows that they work, its figures mean nothing.
bool isSmoke = args is ["smoke", ..];
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).WithArtifactsPath("artifacts/benchmarks");
config.AddJob((isSmoke ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance));
string[] arguments = isSmoke ? ["--filter", "*", .. args[1..]] : args;
Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, config)];
bool allRan = summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
return allRan && summaries.Length > 0 ? 0 : 1;
