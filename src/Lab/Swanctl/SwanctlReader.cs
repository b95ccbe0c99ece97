using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Net;

namespace Ipsec.Lab.Swanctl;

/// <summary>From the sections of a swanctl.conf to connections and keys; what it leaves out has swanctl's defaults.</summary>
sealed class SwanctlReader
{
    static readonly TimeSpan DefaultIkeRekey = TimeSpan.FromHours(4);
    static readonly TimeSpan DefaultChildRekey = TimeSpan.FromHours(1);

    readonly List<SwanctlError> _errors = [];

    public IReadOnlyList<SwanctlError> Errors => _errors;

    public SwanctlConnection? ReadConnection(SettingsSection section)
    {
        SettingsSection local = Round(section, "local");
        SettingsSection remote = Round(section, "remote");
        ImmutableArray<string> remoteAddresses = List(section.Text("remote_addrs", "%any"));
        ImmutableArray<AlgorithmProposal> proposals = Proposals(section, "proposals", ProtocolId.Ike, DeviceProfile.StrongSwanProposals);
        ImmutableArray<ChildConfiguration> children = [.. section.Section("children")?.Sections.Select(ReadChild) ?? []];
        int errors = _errors.Count;
        string? version = section.Find("version")?.Text;
        if (version is not (null or "0" or "1" or "2"))
            Fail(section, "version", $"\"{version}\" is no IKE version: 0, 1 or 2");
        var connection = new ConnectionConfiguration
        {
            Name = section.Name,
            RemoteAddress = remoteAddresses is [string only] && IpAddress.TryParse(only, out IpAddress dialled) ? dialled : null,
            RemoteName = remoteAddresses is [string name] && !name.StartsWith('%') && !IpPrefix.TryParse(name, out _) ? name : null,
            AcceptedRemoteAddresses = [.. remoteAddresses.Where(text => IpPrefix.TryParse(text, out _)).Select(IpPrefix.Parse)],
            LocalIdentity = ReadIdentity(local),
            RemoteIdentity = ReadIdentity(remote),
            InitiatorProposals = proposals,
            ResponderProposals = proposals,
            Lifetime = ReadLifetime(section, DefaultIkeRekey, "over_time", isMargin: true),
            StartAction = children.Select(child => StartActionOf(section, child.Name)).DefaultIfEmpty(StartAction.None).Max(),
            Children = children,
        };
        return _errors.Count > errors ? null : new SwanctlConnection(connection,
            [.. List(section.Text("local_addrs", "%any")).Where(text => IpAddress.TryParse(text, out _)).Select(IpAddress.Parse)],
            ReadAuthentication(local), ReadAuthentication(remote), version != "1");
    }

    /// <summary>A key for everybody where no identity stands beside it, else for those that have one of the identities.</summary>
    public IEnumerable<PresharedKey> ReadKeys(SettingsSection section)
    {
        if (section.Find("secret") is not SettingsValue secret)
            yield break;
        if (ReadSecret(secret.Text) is not byte[] octets)
        {
            Fail(section, "secret", "a secret is text, 0x with hexadecimal digits or 0s with base64");
            yield break;
        }
        Identity[] identities = [.. section.Values.Where(value => value.Key.StartsWith("id", StringComparison.Ordinal))
            .Select(value => Identity.TryParse(value.Text, out Identity? identity) ? identity : null).OfType<Identity>()];
        if (identities.Length == 0)
            yield return new PresharedKey { Key = new Secret(octets) };
        // An identity beside a secret may be strongSwan's own or its peer's.
        foreach (Identity identity in identities)
        {
            yield return new PresharedKey { Key = new Secret(octets), LocalIdentity = identity };
            yield return new PresharedKey { Key = new Secret(octets), RemoteIdentity = identity };
            foreach (Identity other in identities.Where(one => one != identity))
                yield return new PresharedKey { Key = new Secret(octets), LocalIdentity = identity, RemoteIdentity = other };
        }
    }

    ChildConfiguration ReadChild(SettingsSection section)
    {
        ImmutableArray<AlgorithmProposal> proposals = Proposals(section, "esp_proposals", ProtocolId.Esp, DeviceProfile.StrongSwanEspProposals);
        (ImmutableArray<TrafficSelector> local, ImmutableArray<DynamicSelector> dynamicLocal) = ReadSelectors(section, "local_ts");
        (ImmutableArray<TrafficSelector> remote, ImmutableArray<DynamicSelector> dynamicRemote) = ReadSelectors(section, "remote_ts");
        string mode = section.Text("mode", "tunnel");
        if (mode is not ("tunnel" or "transport" or "pass" or "drop"))
            Fail(section, "mode", $"\"{mode}\" is no mode that can be compared: tunnel or transport");
        return new ChildConfiguration
        {
            Name = section.Name,
            InitiatorProposals = proposals,
            ResponderProposals = proposals,
            LocalSelectors = local,
            RemoteSelectors = remote,
            DynamicLocalSelectors = dynamicLocal,
            DynamicRemoteSelectors = dynamicRemote,
            Mode = mode == "transport" ? ChildMode.Transport : ChildMode.Tunnel,
            Lifetime = ReadLifetime(section, DefaultChildRekey, "life_time", isMargin: false),
        };
    }

    static SettingsSection Round(SettingsSection section, string name) =>
        section.Sections.FirstOrDefault(one => one.Name == name || one.Name.StartsWith(name + "-", StringComparison.Ordinal))
            ?? new SettingsSection(name, section.Line);

    static StartAction StartActionOf(SettingsSection connection, string child) =>
        (connection.Section("children")?.Section(child)?.Text("start_action", "none") ?? "none").Split('|').Max(action => action switch
        {
            "start" => StartAction.Start,
            "trap" => StartAction.Traffic,
            _ => StartAction.None,
        });

    static SwanctlAuthentication ReadAuthentication(SettingsSection round)
    {
        string method = round.Text("auth", "pubkey");
        return method.StartsWith("psk", StringComparison.Ordinal) ? SwanctlAuthentication.PresharedKey
            : method.StartsWith("eap", StringComparison.Ordinal) || method.StartsWith("xauth", StringComparison.Ordinal) ? SwanctlAuthentication.Eap
                : SwanctlAuthentication.PublicKey;
    }

    Identity? ReadIdentity(SettingsSection round)
    {
        if (round.Find("id") is not SettingsValue value || value.Text is "%any" or "")
            return null;
        if (Identity.TryParse(value.Text, out Identity? identity))
            return identity;
        Fail(round, "id", $"\"{value.Text}\" is no identity");
        return null;
    }

    ImmutableArray<AlgorithmProposal> Proposals(SettingsSection section, string key, ProtocolId protocol, ImmutableArray<AlgorithmProposal> defaults)
    {
        ImmutableArray<AlgorithmProposal>.Builder proposals = ImmutableArray.CreateBuilder<AlgorithmProposal>();
        foreach (string text in List(section.Text(key, "default")))
        {
            if (text == "default")
                proposals.AddRange(defaults);
            else if (ProposalText.TryParse(text, protocol, out AlgorithmProposal? proposal, out string? error))
                proposals.Add(proposal);
            else
                Fail(section, key, error);
        }
        return proposals.DrainToImmutable();
    }

    (ImmutableArray<TrafficSelector> Fixed, ImmutableArray<DynamicSelector> Dynamic) ReadSelectors(SettingsSection section, string key)
    {
        const string Dynamic = "dynamic";
        List<TrafficSelector> selectors = [];
        List<DynamicSelector> dynamic = [];
        foreach (string text in List(section.Text(key, Dynamic)))
        {
            // The addresses that "dynamic" stands for are known later; the brackets behind it are those of every selector.
            bool isDynamic = text.StartsWith(Dynamic, StringComparison.Ordinal);
            if (!SelectorText.TryParse(isDynamic ? "0.0.0.0/0" + text[Dynamic.Length..] : text, out TrafficSelector selector))
                Fail(section, key, $"\"{text}\" is no traffic selector: dynamic, 10.1.0.0/16, 10.1.0.5-10.1.0.9 or 10.1.0.0/16[tcp/443]");
            else if (isDynamic)
                dynamic.Add(new DynamicSelector(selector.Protocol, selector.FirstPort, selector.LastPort));
            else
                selectors.Add(selector);
        }
        return ([.. selectors], [.. dynamic]);
    }

    /// <param name="isMargin">The end is given as time over the rekey, not as time from the start.</param>
    Lifetime ReadLifetime(SettingsSection section, TimeSpan defaultRekey, string endKey, bool isMargin)
    {
        TimeSpan rekey = ReadTime(section, "rekey_time") ?? defaultRekey;
        TimeSpan margin = rekey / 10;
        TimeSpan hard = ReadTime(section, endKey) is TimeSpan end ? isMargin ? rekey + end : end : rekey + margin;
        TimeSpan jitter = ReadTime(section, "rand_time") ?? hard - rekey;
        return new Lifetime { RekeyTime = rekey, HardTime = hard, RekeyJitter = jitter > TimeSpan.Zero && jitter < rekey ? jitter : TimeSpan.Zero };
    }

    TimeSpan? ReadTime(SettingsSection section, string key)
    {
        if (section.Find(key) is not SettingsValue value)
            return null;
        string text = value.Text;
        int seconds = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        ReadOnlySpan<char> digits = seconds == 0 ? text : text.AsSpan(0, text.Length - 1).Trim();
        if (uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            return TimeSpan.FromSeconds((double)number * Math.Max(seconds, 1));
        Fail(section, key, $"\"{text}\" is no time: a number of seconds, or one with s, m, h or d");
        return null;
    }

    static byte[]? ReadSecret(string text)
    {
        try
        {
            return text.StartsWith("0x", StringComparison.Ordinal) ? Convert.FromHexString(text.AsSpan(2))
                : text.StartsWith("0s", StringComparison.Ordinal) ? Convert.FromBase64String(text[2..]) : Encoding.UTF8.GetBytes(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static ImmutableArray<string> List(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    void Fail(SettingsSection section, string key, string text) =>
        _errors.Add(new SwanctlError(section.Find(key)?.Line ?? section.Line, $"{section.Name}.{key}", text.EndsWith('.') ? text : text + "."));
}
