using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Lab.Topology.Yaml;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>Reads the settings that a device, a connection and a child share.</summary>
static class SettingsReader
{
    public static DeviceSettings Read(NodeReader reader, ErrorList errors) => new()
    {
        Proposals = ReadProposals(reader, "proposals", ProtocolId.Ike, errors),
        EspProposals = ReadProposals(reader, "espProposals", ProtocolId.Esp, errors),
        LocalIdentity = ReadIdentity(reader, "localIdentity", errors),
        RemoteIdentity = ReadIdentity(reader, "remoteIdentity", errors),
        IsRouteBased = reader.Text("vpnType") is string type ? type == "RouteBased" : null,
        LocalSelectors = ReadSelectors(reader, "localSelectors", errors),
        DynamicLocalSelectors = ReadDynamic(reader, "localSelectors"),
        RemoteSelectors = ReadSelectors(reader, "remoteSelectors", errors),
        DynamicRemoteSelectors = ReadDynamic(reader, "remoteSelectors"),
        Mode = reader.Text("mode") switch
        {
            "tunnel" => ChildMode.Tunnel,
            "transport" => ChildMode.Transport,
            _ => null,
        },
        VirtualIps = reader.Find("virtualIps") is null ? null : reader.Addresses("virtualIps"),
        Pools = ReadPools(reader),
        Childless = reader.Text("childless") switch
        {
            "allow" => ChildlessPolicy.Allow,
            "prefer" => ChildlessPolicy.Prefer,
            "force" => ChildlessPolicy.Force,
            "never" => ChildlessPolicy.Never,
            _ => null,
        },
        FollowRedirects = reader.Flag("followRedirects"),
        RedirectTo = reader.Text("redirectTo") is string target ? RedirectTarget.Parse(target) : null,
        RedirectAt = reader.Text("redirectAt") switch
        {
            "init" => RedirectMoment.Init,
            "auth" => RedirectMoment.Auth,
            _ => null,
        },
        StartAction = reader.Text("startAction") switch
        {
            "none" => StartAction.None,
            "start" => StartAction.Start,
            "traffic" or "trap" => StartAction.Traffic,
            _ => null,
        },
        MssClamp = reader.Integer("mssClamp"),
        RouteMetric = reader.Integer("routeMetric"),
        IkeLifetime = ReadLifetime(reader, "ikeLifetime", errors),
        ChildLifetime = ReadLifetime(reader, "childLifetime", errors),
        DeadPeerDetectionDelay = reader.Duration("dpdDelay"),
        RetryDelay = reader.Duration("retryDelay"),
        MaximumRetryDelay = reader.Duration("maximumRetryDelay"),
        CloseAction = ReadEndAction(reader, "closeAction"),
        DeadPeerAction = ReadEndAction(reader, "dpdAction"),
        Retransmission = ReadRetransmission(reader),
        ReauthenticationTime = ReadAtLeast(reader, "reauthTime", ConnectionConfiguration.ShortestReauthenticationTime, errors),
        InactivityTimeout = ReadAtLeast(reader, "inactivity", ChildConfiguration.ShortestInactivityTimeout, errors),
        ReplayWindow = ReadReplayWindow(reader, errors),
        ExtendedSequenceNumbers = reader.Text("extendedSequenceNumbers") switch
        {
            "no" => [false],
            "yes" => [true],
            "either" => [true, false],
            _ => null,
        },
        ForceUdpEncapsulation = reader.Flag("forceUdpEncapsulation"),
        Fragmentation = reader.Text("fragmentation") switch
        {
            "yes" => FragmentationPolicy.Yes,
            "accept" => FragmentationPolicy.Accept,
            "no" => FragmentationPolicy.No,
            _ => null,
        },
        FragmentSize = reader.Integer("fragmentSize"),
        Mobike = reader.Flag("mobike"),
        MobikeReturnRoutability = reader.Flag("mobikeReturnRoutability"),
        MobikePeerAddresses = reader.Prefixes("mobikePeerAddresses"),
        DuplicatePolicy = reader.Text("duplicates") switch
        {
            "replace" => DuplicatePolicy.Replace,
            "keep" => DuplicatePolicy.Keep,
            "never" => DuplicatePolicy.Never,
            _ => null,
        },
    };

    static EndAction? ReadEndAction(NodeReader reader, string key) => reader.Text(key) switch
    {
        "none" => EndAction.None,
        "trap" or "traffic" => EndAction.Trap,
        "start" => EndAction.Start,
        _ => null,
    };

    static RetransmissionPolicy? ReadRetransmission(NodeReader reader)
    {
        if (reader.Child("retransmission") is not NodeReader retransmission)
            return null;
        RetransmissionPolicy defaults = new();
        return new RetransmissionPolicy
        {
            Timeout = retransmission.Duration("timeout") ?? defaults.Timeout,
            Backoff = retransmission.Number("backoff") ?? defaults.Backoff,
            Tries = retransmission.Integer("tries") ?? defaults.Tries,
            Jitter = retransmission.Percent("jitter") ?? defaults.Jitter,
            MaximumPause = retransmission.Duration("maximumPause"),
        };
    }

    static ImmutableArray<AlgorithmProposal>? ReadProposals(NodeReader reader, string key, ProtocolId protocol, ErrorList errors)
    {
        if (reader.Find(key) is not SourcedNode list)
            return null;
        ImmutableArray<AlgorithmProposal>.Builder proposals = ImmutableArray.CreateBuilder<AlgorithmProposal>();
        HashSet<WeakAlgorithm> warned = [];
        foreach (SourcedNode item in reader.Items(key))
        {
            if (ProposalText.TryParse(NodeReader.TextOf(item), protocol, out AlgorithmProposal? proposal, out string? error))
            {
                proposals.Add(proposal);
                foreach (WeakAlgorithm weak in WeakAlgorithms.Of(proposal).Where(warned.Add))
                    errors.Warn(item, $"names {weak.Word}, which is weak ({weak.Reason})");
            }
            else
            {
                errors.Add(item, $"is no proposal: {error.TrimEnd('.')}");
            }
        }
        if (list.Node is SequenceNode { Items.IsEmpty: true })
            errors.Add(list, "must have at least one proposal, such as aes256-sha256-modp2048");
        return proposals.ToImmutable();
    }

    static Identity? ReadIdentity(NodeReader reader, string key, ErrorList errors)
    {
        if (reader.Text(key) is not string text)
            return null;
        if (!Identity.TryParse(text, out Identity? identity))
            errors.Add(reader.Find(key)!.Value,
                $"must be an address, a name, user@host, a distinguished name such as \"C=CH, O=Example, CN=gateway\" or keyid:NAME, not \"{text}\"");
        return identity;
    }

    static ImmutableArray<TrafficSelector>? ReadSelectors(NodeReader reader, string key, ErrorList errors)
    {
        if (reader.Find(key) is not SourcedNode list)
            return null;
        ImmutableArray<TrafficSelector>.Builder selectors = ImmutableArray.CreateBuilder<TrafficSelector>();
        foreach (SourcedNode item in reader.Items(key))
        {
            if (SelectorText.TryParse(NodeReader.TextOf(item), out TrafficSelector selector))
                selectors.Add(selector);
        }
        if (selectors.Count == 0 && !reader.Items(key).Any())
            errors.Add(list, "must have at least one selector, such as 10.2.0.0/24");
        return selectors.ToImmutable();
    }

    static ImmutableArray<DynamicSelector>? ReadDynamic(NodeReader reader, string key) => reader.Find(key) is null ? null :
        [.. reader.Items(key).Select(item => SelectorText.TryParseDynamic(NodeReader.TextOf(item), out DynamicSelector selector) ? selector
            : (DynamicSelector?)null)
            .OfType<DynamicSelector>()];

    /// <summary>On a connection the names of pools; the device's own key of that name says what they hold.</summary>
    static ImmutableArray<string>? ReadPools(NodeReader reader) =>
        reader.Find("pools") is { Node: SequenceNode } ? [.. reader.Items("pools").Select(NodeReader.TextOf)] : null;

    static Lifetime? ReadLifetime(NodeReader reader, string key, ErrorList errors)
    {
        if (reader.Child(key) is not NodeReader lifetime)
            return null;
        TimeSpan rekey = lifetime.Duration("rekey")!.Value;
        Lifetime result = new()
        {
            RekeyTime = rekey,
            HardTime = lifetime.Duration("hard") ?? rekey * 1.1,
            RekeyJitter = lifetime.Duration("jitter") ?? rekey / 10,
            RekeyBytes = lifetime.Count("rekeyBytes"),
            HardBytes = lifetime.Count("hardBytes"),
            RekeyPackets = lifetime.Count("rekeyPackets"),
            HardPackets = lifetime.Count("hardPackets"),
        };
        if (result.HardTime <= result.RekeyTime || result.HardBytes <= result.RekeyBytes || result.HardPackets <= result.RekeyPackets)
            errors.Add(lifetime.Source, "must have a hard limit above its rekey limit");
        if (result.RekeyJitter >= result.RekeyTime)
            errors.Add(lifetime.Source, "must have a jitter below its rekey time");
        return result;
    }

    static TimeSpan? ReadAtLeast(NodeReader reader, string key, TimeSpan shortest, ErrorList errors)
    {
        if (reader.Duration(key) is not TimeSpan time)
            return null;
        if (time < shortest)
            errors.Add(reader.Find(key)!.Value, $"must be {shortest.TotalSeconds:0}s or more");
        return time;
    }

    static int? ReadReplayWindow(NodeReader reader, ErrorList errors)
    {
        if (reader.Integer("replayWindow") is not int window)
            return null;
        if (window is not 0 and < 64)
            errors.Add(reader.Find("replayWindow")!.Value, $"must be 0 (off) or 64 to 4096 packets, not {window}");
        return window;
    }
}
