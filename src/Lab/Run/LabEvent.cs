using Ipsec.Ike.Outputs;
using Ipsec.Lab.Report;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>Something that happened in a lab, for people who watch it. In the order in which it happened.</summary>
/// <param name="At">Lab time since the start.</param>
public abstract record LabEvent(TimeSpan At);

/// <summary>An endpoint's event: a message that passed, an SA that came or went, a refusal.</summary>
/// <param name="Node">The node's label.</param>
public sealed record NodeEvent(TimeSpan At, string Node, IkeEvent Event) : LabEvent(At);

/// <summary>A packet went no further.</summary>
/// <param name="Place">The wire, NAT or network where it ended.</param>
/// <param name="Reason">"lost", "too-big", "nat-filtered" …</param>
/// <param name="Packet">What it was: "203.0.113.5:500 -> 198.51.100.10:500 UDP, 432 octets".</param>
public sealed record PacketDropped(TimeSpan At, string Place, string Reason, string Packet) : LabEvent(At);

/// <summary>A ping got its reply, or did not.</summary>
/// <param name="Octets">ICMP header and data, as ping counts them.</param>
/// <param name="RoundTripTime">In lab time; null if no reply came.</param>
/// <param name="TooBigMtu">The MTU that a router named when it refused the request.</param>
/// <param name="Via">How the request travelled; null if it entered no tunnel.</param>
public sealed record PingCompleted(TimeSpan At, string From, string To, int Number, int Octets, TimeSpan? RoundTripTime, int? TooBigMtu, EspHop? Via)
    : LabEvent(At);

/// <summary>A fetch over TCP came through, or did not.</summary>
/// <param name="Time">Lab time from its start.</param>
/// <param name="Problem">Null where every octet came.</param>
public sealed record FetchCompleted(TimeSpan At, string From, string To, int Octets, TimeSpan Time, string? Problem) : LabEvent(At);

/// <summary>The ESP packet that carried an inner packet away from its node.</summary>
/// <param name="Sequence">The low 32 bits of the sequence number.</param>
public sealed record EspHop(string? Connection, uint Spi, uint Sequence);

/// <summary>An expectation holds, or will not hold any more.</summary>
public sealed record ExpectationDecided(TimeSpan At, ExpectationResult Result) : LabEvent(At);

/// <summary>A machine of a gateway serves a public address, or does not any more.</summary>
/// <param name="Node">The node's label.</param>
/// <param name="Machine">As Azure's logs name it: GatewayTenantWorker_IN_0 or _IN_1.</param>
public sealed record GatewayInstanceChanged(TimeSpan At, string Node, IpAddress Address, string Machine, bool IsServing) : LabEvent(At);

/// <summary>A fault of the file began.</summary>
/// <param name="What">"the link of branch is down for 20 s".</param>
public sealed record FaultHappened(TimeSpan At, string What) : LabEvent(At);
