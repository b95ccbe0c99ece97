using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Topology;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Net;

namespace Ipsec.Lab.DeviceConfig;

/// <summary>The settings of one tunnel, in the order in which they are typed into a device.</summary>
sealed class ConfigurationRows(TopologyModel topology, NodeDefinition device, TunnelConfiguration tunnel, DeviceProfile profile)
{
    const string File = "this topology file";

    readonly ConnectionConfiguration _connection = tunnel.Connection;
    readonly List<DeviceSettingReport> _rows = [];

    public ImmutableArray<DeviceSettingReport> Build(bool showSecrets)
    {
        AddPeer(showSecrets);
        AddProposals("IKE proposal", "proposals", _connection.InitiatorProposals, profile.Settings.Proposals!.Value, profile.Vocabulary.IkeWords);
        AddLifetime("IKE lifetime", "ikeLifetime", _connection.Lifetime, profile.Settings.IkeLifetime!);
        foreach (ChildConfiguration child in _connection.Children)
            AddChild(child, _connection.Children.Length > 1 ? $"{child.Name}: " : "");
        AddRest();
        return [.. _rows];
    }

    void AddPeer(bool showSecrets)
    {
        string accepted = _connection.AcceptedRemoteAddresses.IsEmpty ? "any" : string.Join(", ", _connection.AcceptedRemoteAddresses);
        AddOfFile("Peer address", _connection.RemoteAddress?.ToString() ?? _connection.RemoteName ?? accepted, "peer");
        AddOfFile("Own address", device.NatAddress is IpAddress seen ? $"{device.OuterAddress}, behind a NAT: {seen}" : $"{device.OuterAddress}", "");
        string key = DeviceConfigurator.KeyOf(device, _connection) is not byte[] octets ? "none: certificates"
            : showSecrets ? DeviceConfigurator.TextOf(octets) : $"the connection's sharedKey, {octets.Length} octets (--show-secrets shows it)";
        AddOfFile("Pre-shared key", key, "key");
        AddOfFile("IKE version", "2", "version");
    }

    void AddProposals(string name, string row, ImmutableArray<AlgorithmProposal> proposals, ImmutableArray<AlgorithmProposal> ofProfile,
        ImmutableSortedDictionary<string, string> words)
    {
        bool isProfiles = proposals.SequenceEqual(ofProfile);
        foreach ((int index, AlgorithmProposal proposal) in proposals.Index())
        {
            ProposalWords said = new(proposal);
            Add(proposals.Length > 1 ? $"{name} {index + 1}" : name, said.InWords, said.InDevice(profile.Vocabulary, row, words), row, isProfiles);
        }
    }

    void AddLifetime(string name, string row, Lifetime lifetime, Lifetime ofProfile)
    {
        string inDevice = profile.Vocabulary.Fill(row, ("seconds", Plain(lifetime.HardTime)), ("rekey", Plain(lifetime.RekeyTime)),
            ("over", Plain(lifetime.HardTime - lifetime.RekeyTime)), ("jitter", Plain(lifetime.RekeyJitter)));
        Add(name, $"{Seconds(lifetime.HardTime)} s, rekey at {Seconds(lifetime.RekeyTime)} s", inDevice, row, lifetime == ofProfile);
    }

    void AddChild(ChildConfiguration child, string prefix)
    {
        ImmutableArray<AlgorithmProposal> ofProfile = profile.Settings.EspProposals!.Value;
        ImmutableSortedDictionary<string, string> words = profile.Vocabulary.EspWords;
        AddProposals($"{prefix}ESP proposal", "espProposals", child.InitiatorProposals, ofProfile, words);
        ProposalWords first = new(child.InitiatorProposals[0]);
        Add($"{prefix}Perfect forward secrecy", first.HasGroup ? first.Groups : "none",
            first.InDevice(profile.Vocabulary, first.HasGroup ? "pfs" : "noPfs", words),
            "espProposals", child.InitiatorProposals.SequenceEqual(ofProfile));
        AddLifetime($"{prefix}Child SA lifetime", "childLifetime", child.Lifetime, profile.Settings.ChildLifetime!);
        AddOctets($"{prefix}Child SA lifetime in octets", child.Lifetime);
        string local = Selectors(child.LocalSelectors, child.DynamicLocalSelectors);
        string remote = Selectors(child.RemoteSelectors, child.DynamicRemoteSelectors);
        Add($"{prefix}Selectors", $"{local} === {remote}", profile.Vocabulary.Fill("selectors", ("local", local), ("remote", remote)), "vpnType",
            IsAny(child) == profile.Settings.IsRouteBased);
        if (profile.Settings.ReplayWindow is int window)
            Add($"{prefix}Anti-replay window", child.ReplayWindow == 0 ? "off" : $"{child.ReplayWindow} packets", "", "replayWindow",
                child.ReplayWindow == window);
    }

    void AddOctets(string name, Lifetime lifetime)
    {
        bool isProfiles = lifetime == profile.Settings.ChildLifetime;
        if (lifetime.HardBytes is not ulong octets)
        {
            Add(name, "no limit", "", "childLifetime", isProfiles);
            return;
        }
        ulong kilobytes = octets / 1024;
        Add(name, $"{kilobytes.ToString("N0", CultureInfo.InvariantCulture)} KB",
            profile.Vocabulary.Fill("childKilobytes", ("kilobytes", Plain(kilobytes)), ("octets", Plain(octets))), "childLifetime", isProfiles);
    }

    void AddRest()
    {
        foreach (IpPrefix network in tunnel.Routes.Select(route => route.Prefix))
        {
            string inDevice = profile.Vocabulary.Fill("routes", ("network", network.ToString()), ("mask", WithMask(network)));
            Add("Route", network.ToString(), inDevice, null, false);
        }
        TimeSpan idle = _connection.DeadPeerDetectionDelay;
        Add("Liveness check", idle == TimeSpan.Zero ? "off" : $"after {Seconds(idle)} s without a packet",
            idle == TimeSpan.Zero ? "" : profile.Vocabulary.Fill("dpdDelay", ("seconds", Plain(idle))), "dpdDelay",
                idle == profile.Settings.DeadPeerDetectionDelay);
        Add("Dials", _connection.StartAction switch
        {
            StartAction.Start => "at start, and whenever the tunnel is down",
            StartAction.Traffic => "when a packet wants through",
            _ => "never: the peer dials",
        }, profile.Vocabulary.Fill("startAction"), "startAction", _connection.StartAction == profile.Settings.StartAction);
        int clamp = tunnel.MssClamp ?? 0;
        string clampInDevice = clamp == 0 ? "" : profile.Vocabulary.Fill("mssClamp", ("value", Plain((ulong)clamp)));
        Add("TCP MSS", clamp == 0 ? "unchanged" : $"{clamp} octets", clampInDevice, "mssClamp", clamp == profile.Settings.MssClamp);
        int mtu = device.Endpoint.Inner.Mtu;
        Add("MTU in the tunnel", $"{mtu} octets", profile.Vocabulary.Fill("mtu", ("value", Plain((ulong)mtu))), null, false);
        string own = _connection.LocalIdentity?.ToString() ?? (_connection.LocalAddress ?? device.OuterAddress).ToString();
        Add("Own identity", own, profile.Vocabulary.Fill("localIdentity", ("value", own)), "identity", _connection.LocalIdentity is null);
        string? peers = DeviceConfigurator.RemoteIdentity(topology, _connection);
        string peersInDevice = peers is null ? "" : profile.Vocabulary.Fill("remoteIdentity", ("value", peers));
        Add("Peer's identity", peers ?? "any", peersInDevice, "identity", _connection.RemoteIdentity is null);
        Add("NAT traversal", device.NatAddress is null ? "UDP 500 and 4500, IP protocol 50" : "on: UDP 500 and 4500 through the NAT, and the device dials",
            profile.Vocabulary.Fill("natTraversal"), "natTraversal", true);
    }

    void AddOfFile(string setting, string value, string row) => Add(setting, value, profile.Vocabulary.Fill(row, ("value", value)), null, false);

    /// <param name="origin">The profile's setting; null for what is the file's in any case.</param>
    void Add(string setting, string value, string inDevice, string? origin, bool isProfiles)
    {
        ProfileOrigin? from = isProfiles && origin is not null ? profile.Origins[origin] : null;
        _rows.Add(new DeviceSettingReport(setting, value, inDevice, from is null ? File : from.Source?.Title, from?.Source?.Url, from?.Note));
    }

    static bool IsAny(ChildConfiguration child) =>
        child.LocalSelectors.Concat(child.RemoteSelectors).All(selector => selector == TrafficSelector.AnyV4 || selector == TrafficSelector.AnyV6);

    static string Selectors(ImmutableArray<TrafficSelector> selectors, ImmutableArray<DynamicSelector> dynamic) =>
        string.Join(" ", [.. selectors.Select(selector => selector.ToString()), .. dynamic.Select(SelectorText.Print)]);

    /// <summary>"10.1.0.0 255.255.0.0", as older command lines want it.</summary>
    static string WithMask(IpPrefix network) =>
        network.Address.IsV6 ? network.ToString() : $"{network.Address} {new IpPrefix(IpAddress.Parse("255.255.255.255"), network.Length).First}";

    static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("N0", CultureInfo.InvariantCulture);

    static string Plain(TimeSpan time) => Plain((ulong)Math.Round(time.TotalSeconds));

    static string Plain(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
