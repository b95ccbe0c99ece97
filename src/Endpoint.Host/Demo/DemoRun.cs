using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Demo;

/// <summary>What runs without a verb: the site-to-site sample, live.</summary>
static class DemoRun
{
    public static Task<int> RunAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        throw new UserErrorException("Name a verb; --help lists them.");
    }
}
