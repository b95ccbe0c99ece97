using System.Diagnostics.Metrics;
using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>Every instrument of the meter "Ipsec.Endpoint". Tags name the connection and a stable code, never an address or a key.</summary>
sealed class EndpointMetrics
{
    public const string MeterName = "Ipsec.Endpoint";

    readonly Meter _meter;
    readonly Counter<long> _messages;
    readonly Counter<long> _ikeSasEstablished;
    readonly Counter<long> _ikeSasClosed;
    readonly Counter<long> _childSasEstablished;
    readonly Counter<long> _childSasClosed;
    readonly Counter<long> _refusals;
    readonly Counter<long> _peerFaults;

    public EndpointMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _messages = _meter.CreateCounter<long>("ipsec.ike.messages", "{message}", "IKE messages sent and received.");
        _ikeSasEstablished = _meter.CreateCounter<long>("ipsec.ike.sa.established", "{sa}", "IKE SAs that came up, rekeys included.");
        _ikeSasClosed = _meter.CreateCounter<long>("ipsec.ike.sa.closed", "{sa}", "IKE SAs that ended, and attempts that failed.");
        _childSasEstablished = _meter.CreateCounter<long>("ipsec.child_sa.established", "{sa}", "Child SAs that were installed, rekeys included.");
        _childSasClosed = _meter.CreateCounter<long>("ipsec.child_sa.closed", "{sa}", "Child SAs that were removed.");
        _refusals = _meter.CreateCounter<long>("ipsec.ike.refusals", "{negotiation}", "Negotiations that we or the peer refused, by reason.");
        _peerFaults = _meter.CreateCounter<long>("ipsec.ike.peer_faults", "{message}", "Datagrams and messages at fault, by kind.");
    }

    /// <summary>Adds the instruments that read a running endpoint's counters when they are collected.</summary>
    /// <param name="read">The counters by name as in the status: "esp.sealed", "host.send-failures". Called by the collector.</param>
    public void Observe(Func<IReadOnlyDictionary<string, ulong>> read) =>
        _meter.CreateObservableCounter("ipsec.endpoint.counter", () => read().Select(counter =>
            new Measurement<long>((long)counter.Value, new KeyValuePair<string, object?>("name", counter.Key))),
            "{event}", "The endpoint's own counters as the status shows them: engine, data path and host, by name.");

    public void Record(IkeEvent occurred)
    {
        var connection = new KeyValuePair<string, object?>("connection", occurred.Connection ?? "");
        switch (occurred)
        {
            case MessagePassed message:
                _messages.Add(1, connection, new("exchange", message.Exchange), new("direction", message.Sent ? "sent" : "received"));
                break;
            case IkeSaEstablished established:
                _ikeSasEstablished.Add(1, connection, new("rekey", established.IsRekey));
                break;
            case IkeSaClosed closed:
                _ikeSasClosed.Add(1, connection, new("established", closed.WasEstablished));
                break;
            case ChildSaEstablished child:
                _childSasEstablished.Add(1, connection, new("rekey", child.Replaces is not null));
                break;
            case ChildSaClosed:
                _childSasClosed.Add(1, connection);
                break;
            case NegotiationRefused refused:
                _refusals.Add(1, connection, new("reason", refused.Reasons.IsDefaultOrEmpty ? "" : refused.Reasons[0].Code), new("by_peer", refused.ByPeer));
                break;
            case PeerFaultCounted fault:
                _peerFaults.Add(1, connection, new("fault", fault.Fault));
                break;
        }
    }
}
