using Ipsec.EndpointHost.Charon;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>strongSwan at both ends with its user-space ESP (kernel-libipsec), which always travels in UDP.</summary>
sealed class LibIpsecTunnel : ITunnelUnderTest
{
    readonly List<StrongSwanPeer> _ends = [];

    public TimeSpan ProcessorTime => TimeSpan.FromTicks(_ends.Sum(end => end.ProcessorTime.Ticks));

    /// <summary>One sentence on why it cannot be measured here; null if it can.</summary>
    public static string? Obstacle => File.Exists(CharonDaemon.Program) ? null : "strongSwan is not installed; ./test.sh installs it";

    public static async Task<ITunnelUnderTest> StartAsync(Underlay underlay, string esp)
    {
        var tunnel = new LibIpsecTunnel();
        tunnel._ends.Add(await StartAsync(underlay, underlay.Right, "right", esp, isInitiator: false));
        tunnel._ends.Add(await StartAsync(underlay, underlay.Left, "left", esp, isInitiator: true));
        await tunnel._ends[1].InitiateAsync("tunnel");
        return tunnel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (StrongSwanPeer end in _ends)
            await end.DisposeAsync();
    }

    static async Task<StrongSwanPeer> StartAsync(Underlay underlay, NetworkNamespace end, string name, string esp, bool isInitiator)
    {
        string folder = Directory.CreateDirectory(Path.Combine(underlay.Folder, name + "-swan")).FullName;
        string file = Path.Combine(folder, "swanctl.conf");
        await File.WriteAllTextAsync(file, Configuration(esp, isInitiator));
        await File.WriteAllTextAsync(Path.Combine(folder, "charon.conf"), Settings);
        return await StrongSwanPeer.StartAsync(end, folder, file);
    }

    // Nothing logged; and requests that wait behind data are no flood, which would be answered by cookies.
    const string Settings =
        """
          dos_protection = no
          filelog {
            log {
              default = -1
            }
          }
        """;

    static string Configuration(string esp, bool isInitiator)
    {
        (string local, string remote) = isInitiator ? (Underlay.LeftOuter, Underlay.RightOuter) : (Underlay.RightOuter, Underlay.LeftOuter);
        (string localNetwork, string remoteNetwork) =
            isInitiator ? (Underlay.LeftNetwork, Underlay.RightNetwork) : (Underlay.RightNetwork, Underlay.LeftNetwork);
        return $$"""
            connections {
              tunnel {
                version = 2
                local_addrs = {{local}}
                remote_addrs = {{remote}}
                proposals = aes256-sha256-ecp256
                local {
                  auth = psk
                  id = {{local}}
                }
                remote {
                  auth = psk
                  id = {{remote}}
                }
                children {
                  tunnel {
                    local_ts = {{localNetwork}}
                    remote_ts = {{remoteNetwork}}
                    esp_proposals = {{esp}}
                  }
                }
              }
            }
            secrets {
              ike-1 {
                secret = "Gh7s0pQ2xV9k"
              }
            }
            """;
    }
}
