using System.Reflection;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Lab;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Demo;

/// <summary>What runs without a verb: the site-to-site sample, live on a terminal, as plain lines elsewhere.</summary>
static class DemoRun
{
    const string SampleName = "site-to-site.yaml";

    public static Task<int> RunAsync(CancellationToken cancellation)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(SampleName)!;
        using var reader = new StreamReader(stream);
        if (!TopologyFile.TryLoad(reader.ReadToEnd(), SampleName, new FileSecretSource(SampleName), out TopologyModel? model, out var errors))
            throw new UserErrorException(errors.Select(error => error.ToString()));
        return Console.IsOutputRedirected
            ? LabSession.RunAsync(model, new LabRunOptions(), cancellation)
            : LabSession.RunAsync(model, new LabRunOptions { IsDemo = true, TimeScale = 1 }, cancellation);
    }
}
