using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ipsec.EndpointHost.CommandLine;
using Microsoft.AspNetCore.Http;

namespace Ipsec.EndpointHost.Control;

// The JSON contract of the control API, documented in docs/control-api.md. Members are only added; a change of meaning is /v2.

/// <summary>GET /v1/status.</summary>
/// <param name="Instance">The first one here.</param>
/// <param name="LocalAddresses">Of all instances here.</param>
/// <param name="Inner">Of the first instance that is served.</param>
/// <param name="Instances">Those that are here: one, or both of a gateway.</param>
/// <param name="Tunnels">Of all instances here.</param>
/// <param name="Counters">Sums over the instances here.</param>
sealed record StatusDocument(
    string Version,
    string Topology,
    string Node,
    int Instance,
    int ProcessId,
    bool Ready,
    DateTimeOffset StartedAt,
    double UptimeSeconds,
    ImmutableArray<string> LocalAddresses,
    int IkePort,
    int NatTraversalPort,
    InnerDocument Inner,
    ImmutableArray<InstanceDocument> Instances,
    ImmutableArray<TunnelDocument> Tunnels,
    ImmutableSortedDictionary<string, ulong> Counters);

/// <summary>One instance of a node.</summary>
/// <param name="Machine">Of a gateway: the machine that serves it, or did so last, "GatewayTenantWorker_IN_0"; null for a device.</param>
/// <param name="Serving">False while a failover leaves it without a machine.</param>
/// <param name="Inner">Null while it is not served.</param>
sealed record InstanceDocument(int Instance, string? Machine, bool Serving, ImmutableArray<string> LocalAddresses, InnerDocument? Inner);

/// <summary>The protected side.</summary>
/// <param name="Kind">"tun", "virtual", or "lab"; "none" while no instance is served.</param>
/// <param name="Interface">The TUN's name; null for any other kind.</param>
/// <param name="Routes">Networks that lead into the endpoint now.</param>
sealed record InnerDocument(string Kind, string? Interface, ImmutableArray<string> Routes)
{
    public static InnerDocument None { get; } = new("none", null, []);
}

/// <summary>One connection of one instance.</summary>
/// <param name="State">"down", "connecting", "established", "failed" or "closing".</param>
/// <param name="Reasons">Why it is not up; empty while it is.</param>
/// <param name="IkeProposal">"aes256-sha256-modp2048"; null without an IKE SA.</param>
/// <param name="Nat">What each NAT rule did, in the order of the file.</param>
sealed record TunnelDocument(
    string Connection,
    int Instance,
    string? Local,
    string? Remote,
    int IkeVersion,
    string State,
    ImmutableArray<ReasonDocument> Reasons,
    string? IkeProposal,
    IkeSaDocument? IkeSa,
    ImmutableArray<ChildSaDocument> ChildSas,
    TrafficDocument Traffic,
    ImmutableArray<NatDocument> Nat);

/// <summary>What a tunnel has carried since this process has it, over every rekey and failover.</summary>
sealed record TrafficDocument(ulong PacketsIn, ulong PacketsOut, ulong BytesIn, ulong BytesOut);

/// <param name="Certainty">"known" or "likely".</param>
sealed record ReasonDocument(string Code, string Certainty, string Text);

/// <param name="SpiInitiator">16 hexadecimal digits.</param>
/// <param name="Role">Ours: "initiator" or "responder".</param>
/// <param name="LocalEndpoint">Address and port.</param>
/// <param name="Encapsulation">What ESP travels in: "udp" or "none".</param>
/// <param name="RekeyInSeconds">Null where no rekey is planned.</param>
sealed record IkeSaDocument(
    string SpiInitiator,
    string SpiResponder,
    string Role,
    string LocalIdentity,
    string RemoteIdentity,
    string LocalEndpoint,
    string RemoteEndpoint,
    string Encapsulation,
    bool LocalBehindNat,
    bool RemoteBehindNat,
    double AgeSeconds,
    double? RekeyInSeconds);

/// <param name="SpiIn">8 hexadecimal digits: what the peer writes.</param>
/// <param name="PacketsIn">Inner packets that were authenticated.</param>
sealed record ChildSaDocument(
    string Name,
    string SpiIn,
    string SpiOut,
    string Proposal,
    ImmutableArray<string> LocalSelectors,
    ImmutableArray<string> RemoteSelectors,
    ulong PacketsIn,
    ulong PacketsOut,
    ulong BytesIn,
    ulong BytesOut,
    double AgeSeconds,
    double? RekeyInSeconds);

/// <summary>What one NAT rule of a tunnel did.</summary>
/// <param name="Type">ARM's: "Static" or "Dynamic".</param>
/// <param name="Mode">ARM's: "EgressSnat" or "IngressSnat".</param>
/// <param name="Flows">Of a dynamic rule: those that are open.</param>
/// <param name="NatedPackets">Translated on their way from the internal side.</param>
/// <param name="ReverseNatedPackets">Translated back.</param>
sealed record NatDocument(string Type, string Mode, string Internal, string External, ulong Allocations, ulong Flows, ulong NatedPackets, ulong NatedBytes,
    ulong ReverseNatedPackets, ulong ReverseNatedBytes, ulong DroppedPackets);

/// <summary>The body of every POST.</summary>
/// <param name="Child">One child SA by its configured name; null is all of them.</param>
/// <param name="What">For rekey: "ike" or "child".</param>
/// <param name="Target">For redirect: the address or DNS name of the other gateway.</param>
/// <param name="WaitSeconds">How long to wait for the outcome, 0 to 600; 0 answers once the command is taken.</param>
/// <param name="Instance">One instance of a gateway; null is all of them, for reset and failover the first.</param>
/// <param name="GatewayVip">For reset and failover: the instance by its public address, as ARM has it.</param>
/// <param name="Kind">For failover: "planned" (also where it is null) or "unplanned".</param>
/// <param name="Node">On the control socket of a lab: the node that is meant.</param>
sealed record CommandRequest(string? Connection, string? Child = null, string? What = null, string? Target = null, double WaitSeconds = 0,
    int? Instance = null, string? GatewayVip = null, string? Kind = null, string? Node = null)
{
    public const double MaximumWaitSeconds = 600;
}

/// <summary>The answer to every command.</summary>
/// <param name="Ok">True if it was done (or, without waiting, taken).</param>
/// <param name="Message">One sentence.</param>
/// <param name="Reasons">Why not; empty otherwise.</param>
sealed record CommandResponse(bool Ok, string Message, ImmutableArray<ReasonDocument> Reasons)
{
    /// <param name="error">Null where the file was taken over.</param>
    public static (int StatusCode, CommandResponse Response) OfReload(UserErrorException? error) => error is null
        ? (StatusCodes.Status200OK, new CommandResponse(true, "Reloaded.", []))
        : (StatusCodes.Status422UnprocessableEntity, new CommandResponse(false, string.Join('\n', error.Sentences), []));
}

/// <summary>One line of GET /v1/watch. Members that an event does not have are left out.</summary>
/// <param name="Event">"watching", "message", "ike-sa-established", "ike-sa-closed", "child-sa-established", "child-sa-closed", "refused" or
/// "peer-fault".</param>
/// <param name="Text">The same as a sentence for people.</param>
sealed record EventDocument(DateTimeOffset Time, string Event, string Text)
{
    public string? Connection { get; init; }
    public string? Node { get; init; }
    public int? Instance { get; init; }
    public string? Exchange { get; init; }
    public uint? MessageId { get; init; }
    public string? Direction { get; init; }
    public string? Kind { get; init; }
    public bool? Retransmission { get; init; }
    public string? Local { get; init; }
    public string? Remote { get; init; }
    public ImmutableArray<string>? Payloads { get; init; }
    public ImmutableArray<string>? Notes { get; init; }
    public string? Role { get; init; }
    public bool? Rekey { get; init; }
    public bool? WasEstablished { get; init; }
    public string? Proposal { get; init; }
    public string? Child { get; init; }
    public string? SpiIn { get; init; }
    public string? SpiOut { get; init; }
    public ImmutableArray<string>? LocalSelectors { get; init; }
    public ImmutableArray<string>? RemoteSelectors { get; init; }
    public bool? ByPeer { get; init; }
    public string? Fault { get; init; }
    public ImmutableArray<ReasonDocument>? Reasons { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(CommandRequest))]
[JsonSerializable(typeof(CommandResponse))]
sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>For people and programs that read a file; the socket's answers stand on one line.</summary>
    public static ControlJson Indented { get; } =
        new(new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            // For a terminal and programs, never inside a page: "->" stays "->".
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventDocument))]
sealed partial class EventJson : JsonSerializerContext;
