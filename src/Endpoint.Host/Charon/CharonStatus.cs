using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.StrongSwan;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Charon;

/// <summary>What <c>swanctl --list-sas --raw</c> tells, as the status of an endpoint.</summary>
static class CharonStatus
{
    /// <param name="rawListing">Null while charon does not run.</param>
    /// <param name="reasons">Why a connection is not up, by its name, where that is known.</param>
    internal static EndpointStatus Read(string node, StrongSwanPlan plan, string? rawListing, IReadOnlyDictionary<string, ImmutableArray<Reason>> reasons)
    {
        ILookup<string, ViciSection> listed = (rawListing is null ? [] : ViciSection.ReadEvents(rawListing, "list-sa"))
            .SelectMany(message => message.Sections).ToLookup(sa => sa.Key, sa => sa.Value);
        ImmutableArray<TunnelStatus> tunnels = [.. plan.Tunnels.Select(tunnel => Tunnel(tunnel, [.. listed[tunnel.Section]], reasons))];
        return new EndpointStatus(node, tunnels, ImmutableSortedDictionary<string, ulong>.Empty);
    }

    static TunnelStatus Tunnel(StrongSwanTunnel tunnel, ViciSection[] sas, IReadOnlyDictionary<string, ImmutableArray<Reason>> reasons)
    {
        ViciSection? established = sas.FirstOrDefault(sa => sa["state"] == "ESTABLISHED");
        // A child SA may stand below another IKE SA for a moment, while that is rekeyed.
        ImmutableArray<ChildSaStatus> children =
        [
            .. sas.SelectMany(sa => sa.Section("child-sas")?.Sections ?? []).Where(child => child.Value["state"] == "INSTALLED").Select(child => Child(child.Value)),
        ];
        ImmutableArray<Reason> why = established is null ? reasons.GetValueOrDefault(tunnel.Connection, []) : [];
        TunnelState state = established is not null ? TunnelState.Established
            : sas.Any(sa => sa["state"] is "CREATED" or "CONNECTING") ? TunnelState.Connecting
            : why.IsEmpty ? TunnelState.Down : TunnelState.Failed;
        NetworkPath? path = established is null ? null : Path(established);
        IpAddress? local = path?.Local.Address ?? tunnel.Configuration.LocalAddress;
        IpAddress? remote = path?.Remote.Address ?? tunnel.Configuration.RemoteAddress;
        return new TunnelStatus(tunnel.Connection, state, local, remote, why, established is null ? null : IkeSa(established, path!.Value), children);
    }

    static IkeSaStatus IkeSa(ViciSection sa, NetworkPath path) => new(
        Hexadecimal(sa["initiator-spi"]), Hexadecimal(sa["responder-spi"]), sa["initiator"] == "yes", CharonAlgorithms.Ike(sa), path, sa["local-id"], sa["remote-id"],
        Seconds(sa["established"]), RekeyIn(sa), sa["nat-local"] == "yes", sa["nat-remote"] == "yes");

    static ChildSaStatus Child(ViciSection sa) => new(
        sa["name"], (uint)Hexadecimal(sa["spi-in"]), (uint)Hexadecimal(sa["spi-out"]), CharonAlgorithms.Esp(sa), Selectors(sa["local-ts"]), Selectors(sa["remote-ts"]),
        Number(sa["packets-in"]), Number(sa["packets-out"]), Number(sa["bytes-in"]), Number(sa["bytes-out"]), Seconds(sa["install-time"]), RekeyIn(sa));

    static NetworkPath Path(ViciSection sa)
    {
        ushort port = (ushort)Number(sa["local-port"]);
        return new NetworkPath(Address(sa, "local", port), Address(sa, "remote", (ushort)Number(sa["remote-port"])),
            port == 500 ? PathEncapsulation.Ike : PathEncapsulation.UdpEncapsulated);
    }

    static TransportAddress Address(ViciSection sa, string side, ushort port) =>
        new(IpAddress.TryParse(sa[side + "-host"], out IpAddress address) ? address : default, port);

    /// <summary>"10.1.0.0/16", "10.2.0.0/24[tcp/http]", "10.1.0.1..10.1.0.9": what is more than a network is left out, for it is only shown.</summary>
    static ImmutableArray<TrafficSelector> Selectors(string text) =>
    [
        .. from one in text.Split(' ')
           let network = one.Split('[')[0]
           where IpPrefix.TryParse(network, out _)
           select TrafficSelector.From(IpPrefix.Parse(network)),
    ];

    static TimeSpan? RekeyIn(ViciSection sa) => sa["rekey-time"].Length == 0 ? null : Seconds(sa["rekey-time"]);

    static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(Number(text));

    static ulong Number(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : 0;

    static ulong Hexadecimal(string text) => ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong number) ? number : 0;
}
