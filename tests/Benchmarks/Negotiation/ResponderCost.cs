using System.Globalization;
using Ipsec.EndpointHost.Charon;
using Ipsec.EndpointHost.Processes;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// What a responder process uses of the processors for one handshake: our host as users run it, and charon, each in a network namespace with
/// the same external initiator in another one; the same suite, the child SA installed, nothing logged, after a warm-up.
/// </summary>
sealed class ResponderCost : IAsyncDisposable
{
    const int WarmUp = 500;

    readonly string _folder = Directory.CreateTempSubdirectory(NetworkNamespace.Prefix + $"{Environment.ProcessId}-cost-").FullName;
    readonly NegotiationSuite _suite;
    NetworkNamespace? _responder;
    NetworkNamespace? _initiators;

    ResponderCost(NegotiationSuite suite) => _suite = suite;

    /// <summary>One sentence on why it cannot be measured here; null if it can.</summary>
    public static string? Obstacle =>
        !Environment.IsPrivilegedProcess ? "network namespaces need root"
        : !File.Exists(CharonDaemon.Program) ? "strongSwan is not installed; ./test.sh installs it"
        : null;

    /// <summary>CPU time per handshake of our host.</summary>
    public static async Task<TimeSpan> OursAsync(NegotiationSuite suite, int count)
    {
        await using ResponderCost cost = await PrepareAsync(suite);
        string file = Path.Combine(cost._folder, "responder.yaml");
        await File.WriteAllTextAsync(file, cost.HostConfiguration());
        await using BackgroundProcess host = cost._responder!.Start(Path.Combine(AppContext.BaseDirectory, "ipsec-endpoint"),
            ["run", file, "--node", "responder", "--control", Path.Combine(cost._folder, "control"), "--log-level", "error"]);
        if (!await Wait.ForAsync(() => File.Exists(Path.Combine(cost._folder, "control")) || host.HasExited) || host.HasExited)
            throw new InvalidOperationException($"The host did not start.\n{host.Output}");
        return await cost.MeasureAsync(count, () => host.ProcessorTime);
    }

    /// <summary>CPU time per handshake of charon.</summary>
    public static async Task<TimeSpan> CharonAsync(NegotiationSuite suite, int count)
    {
        await using ResponderCost cost = await PrepareAsync(suite);
        string file = Path.Combine(cost._folder, "responder.conf");
        await File.WriteAllTextAsync(file, cost.CharonConfiguration());
        await File.WriteAllTextAsync(Path.Combine(cost._folder, "charon.conf"), CharonSettings);
        await using StrongSwanPeer charon = await StrongSwanPeer.StartAsync(cost._responder!, cost._folder, file);
        return await cost.MeasureAsync(count, () => charon.ProcessorTime);
    }

    public async ValueTask DisposeAsync()
    {
        if (_initiators is not null)
            await _initiators.DisposeAsync();
        if (_responder is not null)
            await _responder.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    static async Task<ResponderCost> PrepareAsync(NegotiationSuite suite)
    {
        var cost = new ResponderCost(suite);
        cost._responder = await NetworkNamespace.CreateAsync("cost-r");
        cost._initiators = await NetworkNamespace.CreateAsync("cost-i");
        await cost._responder.IpAsync("link", "add", "outer", "type", "veth", "peer", "name", "outer", "netns", cost._initiators.Name);
        await cost._responder.IpAsync("address", "add", $"{Addresses.Responder}/24", "dev", "outer");
        await cost._initiators.IpAsync("address", "add", $"{Addresses.Initiators}/24", "dev", "outer");
        await cost._responder.IpAsync("link", "set", "outer", "up");
        await cost._initiators.IpAsync("link", "set", "outer", "up");
        await cost._responder.IpAsync("address", "add", "172.16.0.1/32", "dev", "lo");
        return cost;
    }

    async Task<TimeSpan> MeasureAsync(int count, Func<TimeSpan> processorTime)
    {
        string maximum = (WarmUp + count).ToString(CultureInfo.InvariantCulture);
        await using var initiators = new NamespaceChild(_initiators!, InitiatorChild.Verb, _suite.Ike, _suite.Esp, maximum);
        await SetUpAsync(initiators, WarmUp);
        TimeSpan before = processorTime();
        await SetUpAsync(initiators, count);
        TimeSpan used = processorTime() - before;
        return used / count;
    }

    static Task SetUpAsync(NamespaceChild initiators, int count) => initiators.AskAsync(count.ToString(CultureInfo.InvariantCulture));

    string HostConfiguration() =>
        $"""
        name: handshakes
        sites:
          responder:
            networks: [{Peers.ResponderNetwork}]
            device:
              address: {Addresses.Responder}
              connections:
                - name: initiators
                  peerAddress: any
                  sharedKey: {Peers.Key}
                  localIdentity: responder.example
                  remoteNetworks: [{Peers.InitiatorNetwork}]
                  proposals: [{_suite.Ike}]
                  espProposals: [{_suite.Esp}]
                  startAction: none
        """;

    string CharonConfiguration() =>
        $$"""
        connections {
          initiators {
            version = 2
            local_addrs = {{Addresses.Responder}}
            proposals = {{_suite.Ike}}
            unique = never
            rekey_time = 0
            dpd_delay = 0
            local {
              auth = psk
              id = responder.example
            }
            remote {
              auth = psk
            }
            children {
              net {
                local_ts = {{Peers.ResponderNetwork}}
                remote_ts = {{Peers.InitiatorNetwork}}
                esp_proposals = {{_suite.Esp}}
                rekey_time = 0
              }
            }
          }
        }
        secrets {
          ike-1 {
            secret = "{{Peers.Key}}"
          }
        }
        """;

    // Tables for thousands of SAs, nothing logged, no defence against what looks like a flood from one address.
    const string CharonSettings =
        """
          filelog {
            log {
              default = -1
            }
          }
          install_routes = no
          ikesa_table_size = 4096
          ikesa_table_segments = 16
          dos_protection = no
        """;
}
