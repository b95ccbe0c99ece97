using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Tells a lab run line by line: the ladder of messages with what was decided, SAs, pings, losses, verdicts.</summary>
sealed class LabNarrator(TopologyModel model, ILabScreen screen)
{
    const int TimeWidth = 9;
    const string Indent = "             ";

    readonly NodeNames _names = new(model);
    readonly SortedSet<(string Connection, uint, uint)> _halfToldChildSas = [];
    readonly List<string> _lastNotes = [];
    bool? _wasMessage;

    /// <summary>Title, nodes and hosts.</summary>
    /// <param name="where">"in memory, seed 0".</param>
    public void Begin(string where)
    {
        screen.Write(Line.Of(new Piece(model.Name, Tone.Strong), new Piece($"  {where}", Tone.Quiet)));
        foreach (NodeDefinition node in model.Nodes)
        {
            string kind = node.Kind == NodeKind.AzureGateway ? "Azure VPN gateway" : "device";
            string program = node.Program == NodeProgram.StrongSwan ? ", played by strongSwan," : "";
            string nat = node.NatAddress is IpAddress address ? $" behind NAT {address}" : "";
            string hosts = string.Join(", ", model.Hosts.Where(host => host.Node == node.Name).Select(host => $"{host.Name} {host.Address}"));
            screen.Write(Line.Of(new Piece("  " + model.LabelOf(node).PadRight(_names.Width), Tone.Node),
                new Piece($"  {kind}{program} {node.OuterAddress}{nat}, networks {string.Join(' ', node.InnerNetworks)}", Tone.Plain),
                new Piece(hosts.Length == 0 ? "" : $", hosts {hosts}", Tone.Plain)));
        }
        screen.Write(Line.Empty);
    }

    public void Tell(LabEvent occurred)
    {
        switch (occurred)
        {
            case NodeEvent node:
                Tell(node);
                break;
            case PingCompleted ping:
                Separate(isMessage: false);
                Tell(ping);
                break;
            case FetchCompleted fetch:
                Separate(isMessage: false);
                Tell(fetch);
                break;
            case FaultHappened fault:
                screen.Write(Line.Of(Time(fault.At), new Piece($"⚡ {fault.What}", Tone.Warning)));
                break;
            case GatewayInstanceChanged { IsServing: true } changed:
                screen.Write(Line.Of(Time(changed.At), new Piece($"⚡ {changed.Machine} serves {changed.Address} of {changed.Node}", Tone.Good)));
                break;
            case GatewayInstanceChanged changed:
                screen.Write(Line.Of(Time(changed.At), new Piece($"⚡ {changed.Machine} no longer serves {changed.Address} of {changed.Node}", Tone.Warning)));
                break;
            case PacketDropped dropped:
                screen.Write(Line.Of(Time(dropped.At), new Piece($"✗ {dropped.Reason} at {dropped.Place}: {dropped.Packet}", Tone.Quiet)));
                break;
        }
    }

    void Tell(NodeEvent node)
    {
        switch (node.Event)
        {
            case MessagePassed message:
                Separate(isMessage: true);
                TellMessage(node, message);
                break;
            case IkeSaEstablished { IsInitiator: true } sa:
                Write(node.At, "●", Tone.Good, $"{(sa.IsRekey ? "new IKE SA" : "IKE SA")} of {sa.Connection}: {ProposalText.Print(sa.Suite)}, {sa.LocalIdentity} and {sa.RemoteIdentity}");
                break;
            case ChildSaEstablished child when IsOnBothSides(child):
                Write(node.At, "●", Tone.Good, $"{(child.Replaces is null ? "child SA" : "new child SA")} of {child.Connection}: {Suite(child.Suite)}, "
                    + $"{Selectors(child.LocalSelectors)} === {Selectors(child.RemoteSelectors)}, SPI {child.InboundSpi:x8} to {node.Node}, {child.OutboundSpi:x8} from it");
                break;
            case IkeSaClosed { WasEstablished: false } closed:
                TellReasons(node, $"{node.Node} gives up", closed.Reasons);
                break;
            case NegotiationRefused { ByPeer: false } refused:
                TellReasons(node, $"{node.Node} refuses {refused.Exchange}", refused.Reasons);
                break;
        }
    }

    void TellMessage(NodeEvent node, MessagePassed message)
    {
        if (message.Sent)
        {
            string receiver = _names.Of(message.Path.Remote.Address);
            (string left, string right) = _names.Arrange(node.Node, receiver);
            string arrow = left == node.Node ? "──▶" : "◀──";
            screen.Write(Line.Of(Time(node.At), new Piece(left.PadRight(_names.Width), Tone.Node), new Piece($" {arrow} ", Tone.Quiet),
                new Piece(right.PadRight(_names.Width), Tone.Node), new Piece($"  {message.Exchange,-15}  ", message.IsRequest ? Tone.Strong : Tone.Plain),
                new Piece(string.Join(' ', message.Payloads) + (message.IsRetransmission ? "  (again)" : ""), Tone.Plain)));
            _lastNotes.Clear();
        }
        // What the sender decided is said already; the child SA gets a line of its own.
        string[] news = [.. message.Notes.Where(note => !_lastNotes.Contains(note) && (message.Sent || !note.StartsWith("child ", StringComparison.Ordinal)))];
        if (news.Length == 0)
            return;
        _lastNotes.AddRange(news);
        screen.Write(Line.Of(new Piece($"{Indent}└ {node.Node}: ", Tone.Quiet), new Piece(string.Join("; ", news.Select(Clip.ToClause)), Tone.Plain)));
    }

    void TellReasons(NodeEvent node, string what, ImmutableArray<Reason> reasons)
    {
        Write(node.At, "✗", Tone.Bad, $"{what}: {string.Join(", ", reasons.Select(reason => reason.Code).Distinct())}");
        foreach (Reason reason in reasons.Where(reason => reason.Certainty == Certainty.Known && !_lastNotes.Contains(reason.Text)))
            screen.Write(Line.Of(new Piece($"{Indent}  {Clip.ToClause(reason.Text)}", Tone.Plain)));
    }

    void Tell(PingCompleted ping)
    {
        string who = $"{ping.From} → {ping.To}  {ping.Octets} octets  ";
        string via = ping.Via is EspHop hop ? $"  through {hop.Connection}, SPI {hop.Spi:x8}, seq {hop.Sequence}" : "";
        if (ping.RoundTripTime is TimeSpan time)
        {
            screen.Write(Line.Of(Time(ping.At), new Piece(who, Tone.Plain),
                new Piece(string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms"), Tone.Good), new Piece(via, Tone.Quiet)));
            return;
        }
        string why = ping.TooBigMtu is int mtu ? $"too big, the path takes {mtu} octets" : "no reply";
        screen.Write(Line.Of(Time(ping.At), new Piece(who, Tone.Plain), new Piece(why, Tone.Warning), new Piece(via, Tone.Quiet)));
    }

    void Tell(FetchCompleted fetch) => screen.Write(Line.Of(Time(fetch.At),
        new Piece(string.Create(CultureInfo.InvariantCulture, $"{fetch.From} ⇄ {fetch.To}  fetch of {fetch.Octets} octets  "), Tone.Plain),
        fetch.Problem is string problem ? new Piece(problem, Tone.Warning)
            : new Piece(string.Create(CultureInfo.InvariantCulture, $"{fetch.Time.TotalMilliseconds:0.00} ms"), Tone.Good)));

    // Both ends tell of an SA, the responder before its answer has left.
    bool IsOnBothSides(ChildSaEstablished child)
    {
        (string, uint, uint) key = (child.Connection ?? "", Math.Min(child.InboundSpi, child.OutboundSpi), Math.Max(child.InboundSpi, child.OutboundSpi));
        return !_halfToldChildSas.Add(key) && _halfToldChildSas.Remove(key);
    }

    void Separate(bool isMessage)
    {
        if (_wasMessage is bool before && before != isMessage)
            screen.Write(Line.Empty);
        _wasMessage = isMessage;
    }

    void Write(TimeSpan at, string mark, Tone tone, string text) =>
        screen.Write(Line.Of(Time(at), new Piece($"{mark} ", tone), new Piece(text, Tone.Plain)));

    static Piece Time(TimeSpan at) => new(at.TotalSeconds.ToString("0.0000", CultureInfo.InvariantCulture).PadLeft(TimeWidth) + "  ", Tone.Quiet);

    static string Selectors(ImmutableArray<TrafficSelector> selectors) => string.Join(' ', selectors);

    static string Suite(EspSuite suite) => ProposalText.Print(suite) + (suite.KeyExchange == Crypto.KeyExchangeMethod.None ? ", no PFS" : "");
}
