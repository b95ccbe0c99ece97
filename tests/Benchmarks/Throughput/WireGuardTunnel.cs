using System.Net.Sockets;
using System.Text;
using Ipsec.Crypto;
using Ipsec.EndpointHost.Processes;
using Ipsec.Interop.Tests.Harness;
using Ipsec.Tests.Support;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>wireguard-go at both ends; its binary is given by the variable WIREGUARD_GO.</summary>
sealed class WireGuardTunnel : ITunnelUnderTest
{
    const string Variable = "WIREGUARD_GO";
    const int Port = 51820;

    readonly List<BackgroundProcess> _ends = [];

    public TimeSpan ProcessorTime => TimeSpan.FromTicks(_ends.Sum(end => end.ProcessorTime.Ticks));

    /// <summary>One sentence on why it cannot be measured here; null if it can.</summary>
    public static string? Obstacle =>
        Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } program ? $"{Variable} does not name a binary of wireguard-go"
        : File.Exists(program) ? null : $"{Variable} names {program}, which is not there";

    public static async Task<ITunnelUnderTest> StartAsync(Underlay underlay)
    {
        var tunnel = new WireGuardTunnel();
        (byte[] Private, byte[] Public) left = KeyPair(1), right = KeyPair(2);
        await tunnel.StartAsync(underlay.Left, "wgleft", left.Private, right.Public, Underlay.RightOuter, Underlay.RightNetwork, Underlay.LeftInner);
        await tunnel.StartAsync(underlay.Right, "wgright", right.Private, left.Public, Underlay.LeftOuter, Underlay.LeftNetwork, Underlay.RightInner);
        return tunnel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BackgroundProcess end in _ends)
            await end.DisposeAsync();
    }

    /// <summary>By wireguard's own configuration protocol, on the Unix socket that the process makes.</summary>
    async Task StartAsync(NetworkNamespace end, string name, byte[] privateKey, byte[] peerKey, string peer, string remoteNetwork, string localInner)
    {
        _ends.Add(end.Start(Environment.GetEnvironmentVariable(Variable)!, ["-f", name], new Dictionary<string, string> { ["LOG_LEVEL"] = "error" }));
        string socketFile = $"/var/run/wireguard/{name}.sock";
        if (!await Wait.ForAsync(() => File.Exists(socketFile)))
            throw new InvalidOperationException($"wireguard-go did not start\n{_ends[^1].Output}");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketFile));
        string settings = $"set=1\nprivate_key={Convert.ToHexStringLower(privateKey)}\nlisten_port={Port}\n"
            + $"replace_peers=true\npublic_key={Convert.ToHexStringLower(peerKey)}\nendpoint={peer}:{Port}\nallowed_ip={remoteNetwork}\n\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(settings));
        byte[] answer = new byte[64];
        string text = Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer));
        if (!text.StartsWith("errno=0", StringComparison.Ordinal))
            throw new InvalidOperationException($"wireguard-go refused its configuration: {text}");
        await end.IpAsync("link", "set", name, "up", "mtu", "1420");
        await end.IpAsync("route", "add", remoteNetwork, "dev", name, "src", localInner);
    }

    static (byte[] Private, byte[] Public) KeyPair(ulong seed)
    {
        byte[] privateKey = new byte[32];
        new SeededRandomSource(seed).Fill(privateKey);
        using IKeyExchange exchange = KeyExchanges.Create(KeyExchangeMethod.Curve25519, new SeededRandomSource(seed));
        return (privateKey, exchange.PublicValue.ToArray());
    }
}
