using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.EndpointHost.Processes;
using Ipsec.Lab.Fabric;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netns;

/// <summary>A host in a namespace of its own: it sends with the machine's ping and answers with its kernel.</summary>
sealed partial class NetnsHost(string space, IpAddress address, Action<Action> post) : ILabHost, IDisposable
{
    readonly NamespaceScope _scope = NamespaceScope.Of(space);
    OctetServer? _server;
    ushort _sequence;

    public IpAddress Address => address;

    public void Start() => _server = OctetServer.Start(_scope, address);

    public ushort Ping(IpAddress destination, int dataLength, TimeSpan timeout, Action<EchoOutcome> completed)
    {
        _ = CompleteAsync(PingAsync(destination, dataLength, timeout), completed, new EchoOutcome(null, null));
        return ++_sequence;
    }

    public void Fetch(IpAddress destination, int octets, TimeSpan timeout, Action<FetchOutcome> completed) =>
        _ = CompleteAsync(OctetFetch.RunAsync(_scope, address, destination, octets, timeout), completed, new FetchOutcome(octets, timeout, "the host is gone"));

    public void Dispose() => _server?.Dispose();

    /// <summary>In the lab's own turn, whatever became of it.</summary>
    async Task CompleteAsync<T>(Task<T> work, Action<T> completed, T failed)
    {
        T outcome = failed;
        try
        {
            outcome = await work;
        }
        finally
        {
            post(() => completed(outcome));
        }
    }

    async Task<EchoOutcome> PingAsync(IpAddress destination, int dataLength, TimeSpan timeout)
    {
        string[] arguments =
        [
            "netns", "exec", space, "ping", "-n", "-c", "1", "-M", "want", "-I", address.ToString(),
            "-s", dataLength.ToString(CultureInfo.InvariantCulture),
            "-W", timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture), destination.ToString(),
        ];
        ToolResult result = await Tool.RunAsync("ip", arguments, environment: new Dictionary<string, string> { ["LC_ALL"] = "C" });
        Match time = RoundTrip().Match(result.Output);
        Match mtu = Mtu().Match(result.Output + result.Error);
        return new EchoOutcome(
            result.ExitCode == 0 && time.Success ? TimeSpan.FromMilliseconds(double.Parse(time.Groups[1].Value, CultureInfo.InvariantCulture)) : null,
            mtu.Success ? int.Parse(mtu.Groups[1].Value, CultureInfo.InvariantCulture) : null);
    }

    [GeneratedRegex(@"time=([0-9.]+) ms")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"mtu ?= ?([0-9]+)")]
    private static partial Regex Mtu();
}
