using Ipsec.Ike.Wire;
using Ipsec.Simulation.Cells;

namespace Ipsec.Simulation.Observation;

/// <summary>Both ends of an IKE SA and the last request of each.</summary>
sealed class IkeSaRequests
{
    public Node? Initiator { get; set; }
    public Node? Responder { get; set; }
    public RequestSummary? OfInitiator { get; private set; }
    public RequestSummary? OfResponder { get; private set; }
    RequestSummary? _beforeInitiators;
    RequestSummary? _beforeResponders;

    public RequestSummary? Of(Node node) => node == Initiator ? OfInitiator : node == Responder ? OfResponder : null;

    /// <summary>The request that a reply belongs to: the last one or the one before.</summary>
    public RequestSummary? Answered(Node node, uint messageId)
    {
        RequestSummary? last = Of(node);
        RequestSummary? before = node == Initiator ? _beforeInitiators : _beforeResponders;
        return last?.MessageId == messageId ? last : before?.MessageId == messageId ? before : null;
    }

    public void Add(Node node, RequestSummary request)
    {
        if (node == Initiator)
            (_beforeInitiators, OfInitiator) = (OfInitiator, request);
        else
            (_beforeResponders, OfResponder) = (OfResponder, request);
    }

    public RequestSummary? OfPeer(Node node) => node == Initiator ? OfResponder : node == Responder ? OfInitiator : null;
}

/// <summary>The last requests of each IKE SA of a cell, as they were built: to say by name what meets what.</summary>
sealed class RequestLedger
{
    // IKE SAs end without a word here; a long run must not remember them all.
    const int Kept = 4096;

    readonly Dictionary<(ulong InitiatorSpi, ulong ResponderSpi), IkeSaRequests> _byIkeSa = [];
    readonly Queue<(ulong, ulong)> _order = new();

    public void Add(Node node, IkeMessage message)
    {
        IkeSaRequests requests = Entry((message.Header.InitiatorSpi, message.Header.ResponderSpi));
        if (message.Header.IsFromInitiator)
            requests.Initiator = node;
        else
            requests.Responder = node;
        if (message.Header.IsRequest)
            requests.Add(node, RequestSummary.Of(message, node.Turn));
    }

    public IkeSaRequests? Find(ulong initiatorSpi, ulong responderSpi) => _byIkeSa.GetValueOrDefault((initiatorSpi, responderSpi));

    IkeSaRequests Entry((ulong, ulong) spis)
    {
        if (_byIkeSa.TryGetValue(spis, out IkeSaRequests? requests))
            return requests;
        _order.Enqueue(spis);
        if (_order.Count > Kept)
            _byIkeSa.Remove(_order.Dequeue());
        return _byIkeSa[spis] = new IkeSaRequests();
    }
}
