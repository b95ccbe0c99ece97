using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ipsec.EndpointHost.Control;

// The JSON contract of the control API, documented in docs/control-api.md. Members are only added; a change of meaning is /v2.

/// <summary>GET /v1/status.</summary>
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
    ImmutableArray<TunnelDocument> Tunnels,
    ImmutableSortedDictionary<string, ulong> Counters);

/// <summary>The protected side.</summary>
/// <param name="Kind">"tun" or "virtual".</param>
/// <param name="Interface">The TUN's name; null for "virtual".</param>
/// <param name="Routes">Networks that lead into the endpoint now.</param>
sealed record InnerDocument(string Kind, string? Interface, ImmutableArray<string> Routes);

/// <summary>One connection.</summary>
/// <param name="State">"down", "connecting", "established", "failed" or "closing".</param>
/// <param name="Reasons">Why it is not up; empty while it is.</param>
/// <param name="IkeProposal">"aes256-sha256-modp2048"; null without an IKE SA.</param>
sealed record TunnelDocument(
    string Connection,
    string? Local,
    string? Remote,
    int IkeVersion,
    string State,
    ImmutableArray<ReasonDocument> Reasons,
    string? IkeProposal,
    IkeSaDocument? IkeSa,
    ImmutableArray<ChildSaDocument> ChildSas);

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

/// <summary>The body of POST /v1/initiate, /v1/rekey, /v1/terminate and /v1/redirect.</summary>
/// <param name="Child">One child SA by its configured name; null is all of them.</param>
/// <param name="What">For rekey: "ike" or "child".</param>
/// <param name="Target">For redirect: the address or DNS name of the other gateway.</param>
/// <param name="WaitSeconds">How long to wait for the outcome, 0 to 600; 0 answers once the command is taken.</param>
sealed record CommandRequest(string? Connection, string? Child = null, string? What = null, string? Target = null, double WaitSeconds = 0);

/// <summary>The answer to every command.</summary>
/// <param name="Ok">True if it was done (or, without waiting, taken).</param>
/// <param name="Message">One sentence.</param>
/// <param name="Reasons">Why not; empty otherwise.</param>
sealed record CommandResponse(bool Ok, string Message, ImmutableArray<ReasonDocument> Reasons);

/// <summary>One line of GET /v1/watch. Members that an event does not have are left out.</summary>
/// <param name="Event">"watching", "message", "ike-sa-established", "ike-sa-closed", "child-sa-established", "child-sa-closed", "refused" or "peer-fault".</param>
/// <param name="Text">The same as a sentence for people.</param>
sealed record EventDocument(DateTimeOffset Time, string Event, string Text)
{
    public string? Connection { get; init; }
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
