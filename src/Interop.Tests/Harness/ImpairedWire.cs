using System.Globalization;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// The router of a <see cref="LabNetwork"/> as a bad wire: what it forwards goes through a TUN device for each direction, where this process loses, copies,
/// holds back and damages packets. Super-packets are cut in it; each receiver's interface puts them together again (GRO), as a network card does.
/// The kernel's netem is not everywhere.
/// </summary>
sealed class ImpairedWire : IDisposable
{
    const string FromOurs = "from-ours";
    const string FromTheirs = "from-theirs";

    readonly NetworkNamespace _router;

    ImpairedWire(NetworkNamespace router, ImpairedDirection ours, ImpairedDirection theirs) => (_router, Ours, Theirs) = (router, ours, theirs);

    /// <summary>What our side sends.</summary>
    internal ImpairedDirection Ours { get; }

    /// <summary>What their side sends.</summary>
    internal ImpairedDirection Theirs { get; }

    /// <summary>Lays it; it does no harm before it is told to.</summary>
    internal static async Task<ImpairedWire> LayAsync(LabNetwork network, int seed)
    {
        // What is written into a TUN device comes from another interface than the way back leads to.
        await network.Router.RunCheckedAsync("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0");
        ImpairedDirection ours = new(await OpenAsync(network.Router, FromOurs, LabNetwork.OurRouterInterface), seed);
        ImpairedDirection theirs = new(await OpenAsync(network.Router, FromTheirs, LabNetwork.RecordedInterface), seed + 1);
        await ReceiveOffload.SwitchOnAsync(network.Ours, LabNetwork.SiteInterface);
        await ReceiveOffload.SwitchOnAsync(network.Theirs, LabNetwork.SiteInterface);
        return new ImpairedWire(network.Router, ours, theirs);
    }

    /// <summary>From now on, in both directions.</summary>
    internal void Impair(Impairment impairment) => (Ours.Impairment, Theirs.Impairment) = (impairment, impairment);

    /// <summary>Lets the middle of the path carry packets of this length at most; longer ones with DF are answered with ICMP errors.</summary>
    internal async Task NarrowAsync(int mtu)
    {
        foreach (string device in (string[])[FromOurs, FromTheirs])
            await _router.IpAsync("link", "set", device, "mtu", mtu.ToString(CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        Ours.Dispose();
        Theirs.Dispose();
    }

    static async Task<PlainTun> OpenAsync(NetworkNamespace router, string device, string arrival)
    {
        PlainTun tun = PlainTun.Open(router, device);
        // Both families; a queue that no burst fills.
        await router.IpAsync("link", "set", device, "txqueuelen", "10000", "up");
        foreach (string family in (string[])["-4", "-6"])
        {
            await router.IpAsync(family, "route", "add", "default", "dev", device, "table", TableOf(device));
            await router.IpAsync(family, "rule", "add", "iif", arrival, "lookup", TableOf(device));
        }
        return tun;
    }

    static string TableOf(string device) => device == FromOurs ? "101" : "102";
}
