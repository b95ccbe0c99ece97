using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Diagnosis;

/// <summary>
/// Why something ended or was refused, in words (D8). Only what our own state or the wire proves is marked as known; a refusal of the
/// peer that says nothing gets ranked likely causes.
/// </summary>
static class Reasons
{
    public static ImmutableArray<Reason> Terminated => [Known("terminated", "It was ended by a command.")];
    public static ImmutableArray<Reason> ShutDown => [Known("shutdown", "This endpoint is shutting down.")];
    public static ImmutableArray<Reason> ConfigurationChanged =>
        [Known("configuration-changed", "The connection was changed or removed in the configuration.")];
    public static ImmutableArray<Reason> DeletedByPeer => [Known("deleted-by-peer", "The peer deleted it with a DELETE payload.")];
    public static ImmutableArray<Reason> Rekeyed => [Known("rekeyed", "It was replaced by a rekey.")];
    public static ImmutableArray<Reason> RedundantAfterCollision =>
        [Known("redundant", "Both peers made a new SA at the same time, and the other one survived (RFC 7296 §2.8.1).")];
    public static ImmutableArray<Reason> Replaced =>
        [Known("replaced", "The peer authenticated again with the same identities, and the duplicate policy keeps the newer IKE SA.")];
    public static ImmutableArray<Reason> Crossed =>
        [Known("crossed", "Both peers set up an IKE SA at the same time; the one with the lower initiator SPI stays.")];
    public static ImmutableArray<Reason> InitialContact =>
        [Known("initial-contact", "The peer sent INITIAL_CONTACT: it knows no other IKE SA between these identities.")];
    public static ImmutableArray<Reason> Reauthenticated => [Known("reauthenticated", "Another IKE SA has been authenticated in its place.")];
    public static ImmutableArray<Reason> AuthenticationExpired =>
        [Known("authentication-expired", "The peer did not authenticate again within the time that AUTH_LIFETIME gave it (RFC 4478).")];
    public static ImmutableArray<Reason> HardLifetime => [Known("lifetime-expired", "Its hard lifetime ended before a rekey succeeded.")];
    public static ImmutableArray<Reason> HardLimit => [Known("limit-reached", "It carried its hard limit of octets or packets before a rekey succeeded.")];
    public static ImmutableArray<Reason> Inactive => [Known("inactive", "It carried no packet in either direction for the configured inactivity time.")];
    public static ImmutableArray<Reason> PeerCrashed => [Known("peer-crashed", "The peer proved with its token that it has lost this IKE SA (RFC 6290).")];
    public static ImmutableArray<Reason> IkeSaGone => [Known("ike-sa-closed", "The IKE SA that it belongs to is closed.")];
    public static ImmutableArray<Reason> OutOfSync =>
        [Known("temporary-failure", "The peer answered TEMPORARY_FAILURE for several minutes; the states of the two sides no longer agree (RFC 7296 §2.25).")];
    public static ImmutableArray<Reason> NoSpi => [Known("no-spi", "Every inbound SPI of the data path is in use.")];

    public static ImmutableArray<Reason> HalfOpenExpired =>
        [Known("half-open-timeout", "The initiator never came back with IKE_AUTH after our IKE_SA_INIT response."),
         Likely("half-open-timeout", "UDP port 4500 or larger datagrams towards this endpoint are dropped on the way, or the initiator refused our answer.")];

    public static ImmutableArray<Reason> NotResponding(NetworkPath path, string exchange, int transmissions) =>
        [Known("peer-not-responding", $"{path.Remote} did not answer {exchange} within {transmissions} transmissions."),
         Likely("peer-not-responding", exchange == "IKE_SA_INIT"
            ? "The address is wrong, nothing listens there, it knows no connection with our address, or UDP port 500 is dropped on the way."
            : exchange == "IKE_AUTH"
                ? "UDP port 4500 or larger datagrams are dropped on the way, or the peer discards what it cannot decrypt."
                : "The peer lost its state (a restart) or the network between is down.")];

    public static ImmutableArray<Reason> MalformedByPeer(MessageFault fault) =>
        [Known("invalid-syntax", $"The peer sent a protected message that RFC 7296 does not allow: {fault}.")];

    public static ImmutableArray<Reason> CalledMalformed(ExchangeType exchange) =>
        [Known("invalid-syntax", $"The peer answered our {MessageNames.Exchange(exchange)} request with INVALID_SYNTAX, which ends the IKE SA on both sides " +
            "(RFC 7296 §2.21.3).")];

    public static Reason Known(string code, string text) => new(code, Certainty.Known, text);

    public static Reason Likely(string code, string text) => new(code, Certainty.Likely, text);

    /// <summary>"no-proposal-chosen" for NO_PROPOSAL_CHOSEN.</summary>
    public static string Code(NotifyType notify) => MessageNames.Notify(notify).ToLowerInvariant().Replace('_', '-');
}
