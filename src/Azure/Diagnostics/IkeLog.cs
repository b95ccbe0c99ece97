using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Diagnostics;

/// <summary>Writes IKEDiagnosticLog, in the shape that the reference (§4.11) tells of.</summary>
sealed class IkeLog(DiagnosticLog log)
{
    const string Operation = "IKELogEvent";

    /// <summary>The cause of a fault is a stranger's choice: each kind is told of once in this time.</summary>
    static readonly TimeSpan FaultInterval = TimeSpan.FromMinutes(1);

    readonly SortedDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, TimeSpan> _faults = new(StringComparer.Ordinal);

    /// <summary>Of the last message: a refusal follows the message that it is about.</summary>
    Session? _last;

    public void Follow(IkeEvent occurred, string machine, Instant now)
    {
        Session? session = Find(occurred);
        switch (occurred)
        {
            case MessagePassed message:
                _last = Session.Of(message);
                Write(occurred, _last, Passed(message), DiagnosticLevel.Informational, machine, [], now);
                break;
            case IkeSaEstablished established:
                string what = established.IsRekey ? "IKE SA rekeyed" : "IKE SA established";
                Write(occurred, session, $"[LOCAL_MSG] {what} with {established.RemoteIdentity}", DiagnosticLevel.Informational, machine, [], now);
                break;
            case ChildSaEstablished child:
                bool weAsked = session?.WeAsked ?? false;
                Write(occurred, session, $"{(weAsked ? "[RECEIVED]" : "[SEND]")} Proposed Traffic Selector payload will be (Final Negotiated) - "
                    + $"[Tsid 0x{child.InboundSpi:x} ]{Selectors("TSI", weAsked ? child.LocalSelectors : child.RemoteSelectors)} "
                    + Selectors("TSR", weAsked ? child.RemoteSelectors : child.LocalSelectors),
                    DiagnosticLevel.Informational, machine, [], now);
                break;
            case NegotiationRefused refused:
                Write(occurred, session ?? _last, Refused(refused), DiagnosticLevel.Error, machine, refused.Reasons, now);
                break;
            case IkeSaClosed closed:
                DiagnosticLevel level = closed.WasEstablished ? DiagnosticLevel.Warning : DiagnosticLevel.Error;
                Write(occurred, session, $"[LOCAL_MSG] IKE Tunnel closed{Status(closed.Reasons)}", level, machine, closed.Reasons, now);
                if (occurred.Connection is string name)
                    _sessions.Remove(name);
                break;
            case PeerFaultCounted fault:
                Count(fault, machine, now);
                break;
        }
    }

    public void Stopped() => _sessions.Clear();

    /// <summary>A session is found by its connection, of which the configuration has a number.</summary>
    Session? Find(IkeEvent occurred)
    {
        if (occurred.Connection is not string name)
            return null;
        Session? session = _sessions.GetValueOrDefault(name);
        if (occurred is MessagePassed message)
        {
            bool asks = message is { IsRequest: true, Exchange: "IKE_AUTH" or "CREATE_CHILD_SA" };
            _sessions[name] = session = Session.Of(message) with { WeAsked = asks ? message.Sent : session?.WeAsked ?? false };
        }
        return session;
    }

    void Count(PeerFaultCounted fault, string machine, Instant now)
    {
        if (_faults.TryGetValue(fault.Fault, out TimeSpan last) && now.Monotonic - last < FaultInterval)
            return;
        _faults[fault.Fault] = now.Monotonic;
        int? error = AzureErrorNumbers.Find(fault.Fault);
        string words = error is int number ? $" {AzureErrorNumbers.Print(number)}" : "";
        Write(fault, new Session(0, 0, fault.Path), $"[RECEIVED] Ignored: {fault.Fault}{words}", DiagnosticLevel.Warning, machine, [], now, error);
    }

    void Write(IkeEvent occurred, Session? session, string text, DiagnosticLevel level, string machine, ImmutableArray<Reason> reasons, Instant now,
        int? azureError = null) =>
        log.Write(DiagnosticCategory.IKEDiagnosticLog, Operation, level, session is null ? text : $"{session} {text}", machine, now,
            occurred.Connection, session?.Path.Remote.Address.ToString(), reasons, azureError);

    static string Passed(MessagePassed message)
    {
        string exchange = Exchange(message.Exchange);
        string kind = message.IsRequest ? "request" : "response";
        string verb = message.Sent ? message.IsRetransmission ? "Sending again" : "Sending" : message.IsRetransmission ? "Received again" : "Received";
        string marker = message.Sent ? "SEND" : "RECEIVED";
        string content = string.Join(' ', message.Payloads) + (message.Notes.IsEmpty ? "" : $" ({string.Join(", ", message.Notes)})");
        return string.Create(CultureInfo.InvariantCulture,
            $"[{marker}][{exchange}] {verb} {exchange} {kind} {message.MessageId}: {content} {Cookies(message.InitiatorSpi, message.ResponderSpi)}");
    }

    static string Cookies(ulong initiator, ulong responder) =>
        string.Create(CultureInfo.InvariantCulture, $"iCookie 0x{initiator:X16} rCookie 0x{responder:X16}");

    static string Exchange(string exchange) => exchange switch
    {
        "IKE_SA_INIT" => "SA_INIT",
        "IKE_AUTH" => "SA_AUTH",
        _ => exchange,
    };

    /// <summary>Who refuses says so in a notify.</summary>
    static string Refused(NegotiationRefused refused)
    {
        string marker = refused.ByPeer ? "[RECEIVED][NOTIFY] Received Notify Message" : "[SEND][NOTIFY] Sending Notify Message";
        return Number(refused.Reasons) switch
        {
            AzureErrorNumbers.PolicyMismatch => $"{marker} - Policy Mismatch{Status(refused.Reasons)}",
            AzureErrorNumbers.AuthenticationFailed => $"{marker} - Authentication failed{Status(refused.Reasons)}",
            _ => $"{marker} - {refused.Exchange} refused{Status(refused.Reasons)}",
        };
    }

    static string Status(ImmutableArray<Reason> reasons) =>
        Number(reasons) is int number ? $" with status {AzureErrorNumbers.MessageOf(number)} {AzureErrorNumbers.Print(number)}" : "";

    static int? Number(ImmutableArray<Reason> reasons) =>
        reasons.Select(reason => AzureErrorNumbers.Find(reason.Code)).FirstOrDefault(number => number is not null);

    static string Selectors(string which, ImmutableArray<TrafficSelector> selectors) => $"Number of {which}s {selectors.Length}: "
        + string.Join(", ", selectors.Select(selector =>
            $"StartAddress {selector.Addresses.First} EndAddress {selector.Addresses.Last} "
                + $"PortStart {selector.FirstPort} PortEnd {selector.LastPort} Protocol {selector.Protocol}"));

    sealed record Session(ulong InitiatorSpi, ulong ResponderSpi, NetworkPath Path)
    {
        /// <summary>The last request for SAs was ours: TSi are our selectors.</summary>
        public bool WeAsked { get; init; }

        public static Session Of(MessagePassed message) => new(message.InitiatorSpi, message.ResponderSpi, message.Path);

        /// <summary>Azure's session is a GUID of its own; here it is the initiator's SPI in that shape.</summary>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"SESSION_ID :{{{InitiatorSpi >> 32:x8}-{InitiatorSpi >> 16 & 0xffff:x4}-{InitiatorSpi & 0xffff:x4}-0000-000000000000}} ")
            + $"Remote {Path.Remote.Address}:{Path.Remote.Port}: Local {Path.Local.Address}:{Path.Local.Port}:";
    }
}
