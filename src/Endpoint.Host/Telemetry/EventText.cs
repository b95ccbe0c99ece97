using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>Events in one line of words, for log lines and watchers. Keys never pass through here.</summary>
static class EventText
{
    public static string ConnectionOf(IkeEvent occurred) => occurred.Connection ?? "unassigned";

    public static string Describe(IkeEvent occurred) => occurred switch
    {
        MessagePassed message => Message(message),
        IkeSaEstablished sa => $"IKE SA {(sa.IsRekey ? "rekeyed" : "established")} as {(sa.IsInitiator ? "initiator" : "responder")}, "
            + $"{ProposalText.Print(sa.Suite)}, {sa.LocalIdentity} <-> {sa.RemoteIdentity}, {sa.Path.Local} <-> {sa.Path.Remote}",
        IkeSaClosed closed => (closed.WasEstablished ? "IKE SA closed" : "IKE SA not established") + Because(closed.Reasons),
        ChildSaEstablished child => $"child SA {child.Child} {(child.Replaces is null ? "established" : "rekeyed")}, {ProposalText.Print(child.Suite)}, "
            + $"SPIs {child.InboundSpi:x8} in {child.OutboundSpi:x8} out, {Selectors(child.LocalSelectors)} === {Selectors(child.RemoteSelectors)}",
        ChildSaClosed child => $"child SA {child.Child} closed{Because(child.Reasons)}",
        NegotiationRefused refused => $"{refused.Exchange} refused by {(refused.ByPeer ? "the peer" : "us")}{Because(refused.Reasons)}",
        PeerFaultCounted fault => $"peer fault {fault.Fault} from {fault.Path.Remote}",
        IkeKeysDerived => "IKE keys derived",
        IkeSaMoved moved => $"IKE SA moved from {moved.From.Local} <-> {moved.From.Remote} to {moved.To.Local} <-> {moved.To.Remote}",
        _ => occurred.GetType().Name,
    };

    public static string Selectors(ImmutableArray<TrafficSelector> selectors) => string.Join(' ', selectors);

    static string Message(MessagePassed message)
    {
        string direction = message.Sent ? "-->" : "<--";
        string kind = message.IsRequest ? "request" : "response";
        string notes = message.Notes.IsEmpty ? "" : $"  ({string.Join("; ", message.Notes)})";
        string payloads = message.Payloads.IsEmpty ? "" : " " + string.Join(' ', message.Payloads);
        return $"{direction} {message.Exchange} {kind} {message.MessageId}{(message.IsRetransmission ? " again" : "")}{payloads} "
            + $"{(message.Sent ? "to" : "from")} {message.Path.Remote}{notes}";
    }

    static string Because(ImmutableArray<Reason> reasons) => reasons.IsDefaultOrEmpty ? ""
        : ": " + string.Join("; ", reasons.Select(reason => $"{reason.Text} ({reason.Code}, {(reason.Certainty == Certainty.Known ? "known" : "likely")})"));
}
