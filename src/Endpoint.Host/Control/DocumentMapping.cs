using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Control;

/// <summary>Snapshots and events as the documents of the control API.</summary>
static class DocumentMapping
{
    const int Ikev2 = 2;

    public static TunnelDocument ToDocument(TunnelStatus tunnel, int instance) => new(
        tunnel.Connection, instance, tunnel.Local?.ToString(), tunnel.Remote?.ToString(), Ikev2, tunnel.State.ToString().ToLowerInvariant(),
        ToDocuments(tunnel.Reasons), tunnel.IkeSa is null ? null : ProposalText.Print(tunnel.IkeSa.Suite),
        tunnel.IkeSa is null ? null : ToDocument(tunnel.IkeSa), [.. tunnel.ChildSas.Select(ToDocument)],
        new TrafficDocument(tunnel.Traffic.PacketsIn, tunnel.Traffic.PacketsOut, tunnel.Traffic.BytesIn, tunnel.Traffic.BytesOut),
        [.. tunnel.Nat.Select(ToDocument)]);

    public static ImmutableArray<ReasonDocument> ToDocuments(ImmutableArray<Reason> reasons) => reasons.IsDefaultOrEmpty ? []
        : [.. reasons.Select(reason => new ReasonDocument(reason.Code, reason.Certainty.ToString().ToLowerInvariant(), reason.Text))];

    public static EventDocument ToDocument(TimedEvent timed)
    {
        var document = new EventDocument(timed.When, NameOf(timed.Event), EventText.Describe(timed.Event))
        {
            Connection = timed.Event.Connection,
            Instance = timed.Instance,
            Node = timed.Node,
        };
        return timed.Event switch
        {
            MessagePassed message => document with
            {
                Exchange = message.Exchange,
                MessageId = message.MessageId,
                Direction = message.Sent ? "sent" : "received",
                Kind = message.IsRequest ? "request" : "response",
                Retransmission = message.IsRetransmission,
                Local = message.Path.Local.ToString(),
                Remote = message.Path.Remote.ToString(),
                Payloads = message.Payloads,
                Notes = message.Notes,
            },
            IkeSaEstablished sa => document with
            {
                Role = RoleOf(sa.IsInitiator),
                Rekey = sa.IsRekey,
                Proposal = ProposalText.Print(sa.Suite),
                Local = sa.Path.Local.ToString(),
                Remote = sa.Path.Remote.ToString(),
            },
            IkeSaClosed closed => document with { WasEstablished = closed.WasEstablished, Reasons = ToDocuments(closed.Reasons) },
            ChildSaEstablished child => document with
            {
                Child = child.Child,
                Rekey = child.Replaces is not null,
                Proposal = ProposalText.Print(child.Suite),
                SpiIn = Spi(child.InboundSpi),
                SpiOut = Spi(child.OutboundSpi),
                LocalSelectors = Texts(child.LocalSelectors),
                RemoteSelectors = Texts(child.RemoteSelectors),
            },
            ChildSaClosed child => document with { Child = child.Child, Reasons = ToDocuments(child.Reasons) },
            NegotiationRefused refused => document with { Exchange = refused.Exchange, ByPeer = refused.ByPeer, Reasons = ToDocuments(refused.Reasons) },
            PeerFaultCounted fault => document with { Fault = fault.Fault, Remote = fault.Path.Remote.ToString() },
            _ => document,
        };
    }

    public static string NameOf(IkeEvent occurred) => occurred switch
    {
        MessagePassed => "message",
        IkeSaEstablished => "ike-sa-established",
        IkeSaClosed => "ike-sa-closed",
        ChildSaEstablished => "child-sa-established",
        ChildSaClosed => "child-sa-closed",
        NegotiationRefused => "refused",
        PeerFaultCounted => "peer-fault",
        _ => "other",
    };

    static NatDocument ToDocument(NatCounters counters) => new(
        counters.Rule.Kind.ToString(), counters.Rule.Mode.ToString(), counters.Rule.Internal.ToString(), counters.Rule.External.ToString(),
        counters.Allocations, counters.Flows, counters.NatedPackets, counters.NatedBytes, counters.ReverseNatedPackets, counters.ReverseNatedBytes, counters.DroppedPackets);

    static IkeSaDocument ToDocument(IkeSaStatus sa) => new(
        sa.InitiatorSpi.ToString("x16"), sa.ResponderSpi.ToString("x16"), RoleOf(sa.IsInitiator), sa.LocalIdentity, sa.RemoteIdentity,
        sa.Path.Local.ToString(), sa.Path.Remote.ToString(), sa.Path.Encapsulation == PathEncapsulation.UdpEncapsulated ? "udp" : "none",
        sa.LocalBehindNat, sa.RemoteBehindNat, Seconds(sa.Age), Seconds(sa.RekeyIn));

    static ChildSaDocument ToDocument(ChildSaStatus child) => new(
        child.Child, Spi(child.InboundSpi), Spi(child.OutboundSpi), ProposalText.Print(child.Suite), Texts(child.LocalSelectors),
        Texts(child.RemoteSelectors), child.PacketsIn, child.PacketsOut, child.BytesIn, child.BytesOut, Seconds(child.Age), Seconds(child.RekeyIn));

    static string RoleOf(bool isInitiator) => isInitiator ? "initiator" : "responder";

    static string Spi(uint spi) => spi.ToString("x8");

    static ImmutableArray<string> Texts(ImmutableArray<TrafficSelector> selectors) => [.. selectors.Select(selector => selector.ToString())];

    static double Seconds(TimeSpan duration) => Math.Round(duration.TotalSeconds, 3);

    static double? Seconds(TimeSpan? duration) => duration is TimeSpan value ? Seconds(value) : null;
}
