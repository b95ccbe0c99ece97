using System.Globalization;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>Two network namespaces with a wire between them, and an inner address behind each, which only a tunnel connects.</summary>
sealed class Underlay : IAsyncDisposable
{
    public const string LeftOuter = "192.0.2.1";
    public const string RightOuter = "192.0.2.2";
    public const string LeftInner = "10.3.0.1";
    public const string RightInner = "10.4.0.1";
    public const string LeftNetwork = "10.3.0.0/24";
    public const string RightNetwork = "10.4.0.0/24";

    const string Wire = "outer";

    static int _count;

    Underlay(string folder, NetworkNamespace left, NetworkNamespace right) => (Folder, Left, Right) = (folder, left, right);

    public string Folder { get; }
    public NetworkNamespace Left { get; }
    public NetworkNamespace Right { get; }

    public static async Task<Underlay> CreateAsync()
    {
        string number = (++_count).ToString(CultureInfo.InvariantCulture);
        string folder = Directory.CreateTempSubdirectory(NetworkNamespace.Prefix + $"{Environment.ProcessId}-b").FullName;
        var underlay = new Underlay(folder, await NetworkNamespace.CreateAsync($"l{number}"), await NetworkNamespace.CreateAsync($"r{number}"));
        await underlay.Left.IpAsync("link", "add", Wire, "type", "veth", "peer", "name", Wire, "netns", underlay.Right.Name);
        await ConfigureAsync(underlay.Left, LeftOuter, LeftInner);
        await ConfigureAsync(underlay.Right, RightOuter, RightInner);
        return underlay;
    }

    /// <summary>The same inner addresses over the bare wire.</summary>
    public async Task ConnectBareAsync()
    {
        await Left.IpAsync("route", "add", RightNetwork, "via", RightOuter, "src", LeftInner);
        await Right.IpAsync("route", "add", LeftNetwork, "via", LeftOuter, "src", RightInner);
    }

    public async ValueTask DisposeAsync()
    {
        await Left.DisposeAsync();
        await Right.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    static async Task ConfigureAsync(NetworkNamespace end, string outer, string inner)
    {
        await end.IpAsync("address", "add", $"{outer}/24", "dev", Wire);
        await end.IpAsync("address", "add", $"{inner}/32", "dev", "lo");
        await end.IpAsync("link", "set", Wire, "up");
    }
}
