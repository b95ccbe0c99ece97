using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Simulation.Cells;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Observation;

/// <summary>Reads the events of a cell's nodes: what was rekeyed, what met what.</summary>
sealed class CellObserver(Cell cell)
{
    // Inbound SPI of a node to its outbound SPI: which SA the two sides' requests mean.
    readonly RecentMap<(Node, uint), uint> _outbound = new(4096);

    public void Handle(Node node, IkeEvent happened)
    {
        switch (happened)
        {
            case MessagePassed passed:
                HandleMessage(node, passed);
                break;
            case IkeSaEstablished established:
                cell.Digest.Add(1);
                if (established is { IsRekey: false, IsInitiator: true })
                    cell.Statistics.Add(CountKind.Handshakes);
                if (cell.FindTunnel(node, established.Connection) is Tunnel up)
                    SetAttempt(up, node, false);
                if (cell.IsTraced)
                    cell.Trace(node.Name, $"IKE SA {established.IkeSa?.Value} up{(established.IsRekey ? " (rekey)" : "")}");
                break;
            case IkeSaClosed closed:
                cell.Digest.Add(2);
                ExtensionCounts.Add(cell.Statistics, closed.Reasons);
                if (!closed.WasEstablished && cell.FindTunnel(node, closed.Connection) is Tunnel ended)
                    SetAttempt(ended, node, false);
                if (cell.IsTraced)
                    cell.Trace(node.Name, $"IKE SA {closed.IkeSa?.Value} closed: {string.Join(", ", closed.Reasons.Select(reason => reason.Code))}");
                break;
            case ChildSaEstablished child:
                cell.Digest.Add(child.InboundSpi);
                _outbound.Set((node, child.InboundSpi), child.OutboundSpi);
                if (cell.IsTraced)
                    cell.Trace(node.Name, $"child {child.Child} #{child.Id.Value} in {child.InboundSpi:x8} out {child.OutboundSpi:x8}"
                        + $"{(child.Replaces is ChildSaId old ? $" replaces #{old.Value}" : "")}");
                break;
            case ChildSaClosed child:
                cell.Digest.Add(3);
                ExtensionCounts.Add(cell.Statistics, child.Reasons);
                if (cell.IsTraced)
                    cell.Trace(node.Name, $"child {child.Child} #{child.Id.Value} closed: {string.Join(", ", child.Reasons.Select(reason => reason.Code))}");
                break;
            case NegotiationRefused refused when cell.IsTraced:
                cell.Trace(node.Name, $"refused{(refused.ByPeer ? " by the peer" : "")}: {string.Join(", ", refused.Reasons.Select(reason => reason.Code))}");
                break;
            case PeerFaultCounted fault when cell.IsTraced:
                cell.Trace(node.Name, $"peer fault {fault.Fault}");
                break;
        }
    }

    void HandleMessage(Node node, MessagePassed passed)
    {
        if (cell.IsTraced)
        {
            cell.Trace(node.Name, $"{(passed.Sent ? "-->" : "<--")} {passed.Exchange} {(passed.IsRequest ? "request" : "reply")} {passed.MessageId}"
                + $"{(passed.IsRetransmission ? " again" : "")} [{string.Join(' ', passed.Payloads)}] sa {passed.IkeSa?.Value} "
                + $"{string.Join("; ", passed.Notes)}");
        }
        if (!passed.Sent)
            ExtensionCounts.Add(cell.Statistics, passed);
        if (passed.Exchange is "IKE_SA_INIT")
            HandleInit(node, passed);
        else if (passed.Exchange is "CREATE_CHILD_SA" or "INFORMATIONAL")
        {
            if (!passed.Sent && passed.IsRequest)
                HandleRequest(node, passed);
            else if (!passed.Sent)
                HandleReply(node, passed);
        }
    }

    void HandleInit(Node node, MessagePassed passed)
    {
        if (!passed.IsRequest)
            return;
        if (passed.Sent)
        {
            if (cell.FindTunnel(node, passed.Connection) is Tunnel begun)
            {
                SetAttempt(begun, node, true);
                cell.InitialSpis.Set(passed.InitiatorSpi, begun);
            }
        }
        else if (cell.InitialSpis.TryGet(passed.InitiatorSpi, out Tunnel? asked)
            && ((node == asked.Hub && asked.HubAttempts) || (node == asked.Spoke && asked.SpokeAttempts)))
        {
            Count(node, CollisionKind.CrossingInitialExchanges);
        }
    }

    static void SetAttempt(Tunnel tunnel, Node node, bool attempts)
    {
        if (node == tunnel.Hub)
            tunnel.HubAttempts = attempts;
        else
            tunnel.SpokeAttempts = attempts;
    }

    void HandleRequest(Node node, MessagePassed passed)
    {
        IkeSaRequests? requests = cell.Requests.Find(passed.InitiatorSpi, passed.ResponderSpi);
        // What was sent in this turn did not meet it but followed it.
        if (requests?.Of(node) is not { IsAnswered: false } own || own.Turn >= node.Turn
            || requests.OfPeer(node) is not RequestSummary peers || peers.MessageId != passed.MessageId)
            return;
        if (Classify(node, own, peers) is not CollisionKind kind)
            return;
        // Both sides see most of them; one is enough.
        if (!peers.HasCollided || !own.HasCollided)
            Count(node, kind);
        own.HasCollided = peers.HasCollided = true;
    }

    void HandleReply(Node node, MessagePassed passed)
    {
        // Its own next request may be on its way already: it was built in this turn.
        if (cell.Requests.Find(passed.InitiatorSpi, passed.ResponderSpi)?.Answered(node, passed.MessageId) is not RequestSummary own)
            return;
        own.IsAnswered = true;
        ImmutableArray<string> payloads = passed.Payloads;
        if (payloads.Contains("N(INVALID_KE_PAYLOAD)"))
        {
            cell.Statistics.Add(CountKind.InvalidKe);
            if (own.HasCollided)
                Count(node, CollisionKind.InvalidKeInCollision);
        }
        else if (payloads.Contains("N(TEMPORARY_FAILURE)"))
            Count(node, CollisionKind.TemporaryFailure);
        else if (payloads.Contains("N(CHILD_SA_NOT_FOUND)"))
            Count(node, CollisionKind.ChildSaNotFound);
        else if (payloads.Contains("SA"))
        {
            if (own.Kind == RequestKind.ChildRekey)
                cell.Statistics.Add(CountKind.ChildRekeys);
            else if (own.Kind == RequestKind.IkeRekey)
                cell.Statistics.Add(CountKind.IkeRekeys);
        }
        else if (own.Kind == RequestKind.Liveness)
            cell.Statistics.Add(CountKind.LivenessChecks);
    }

    CollisionKind? Classify(Node node, RequestSummary own, RequestSummary peers) => (own.Kind, peers.Kind) switch
    {
        (RequestKind.ChildRekey, RequestKind.ChildRekey) when IsSameChild(node, own, peers) => CollisionKind.SimultaneousChildRekey,
        (RequestKind.IkeRekey, RequestKind.IkeRekey) => CollisionKind.SimultaneousIkeRekey,
        (RequestKind.ChildRekey, RequestKind.IkeRekey) or (RequestKind.IkeRekey, RequestKind.ChildRekey) => CollisionKind.ChildRekeyAndIkeRekey,
        (RequestKind.NewChild, RequestKind.IkeRekey) or (RequestKind.IkeRekey, RequestKind.NewChild) => CollisionKind.NewChildAndIkeRekey,
        (RequestKind.NewChild, RequestKind.NewChild) => CollisionKind.SimultaneousNewChild,
        (RequestKind.ChildDelete, RequestKind.ChildRekey) or (RequestKind.ChildRekey, RequestKind.ChildDelete) when IsSameChild(node, own, peers)
            => CollisionKind.ChildDeleteAndChildRekey,
        (RequestKind.ChildDelete, RequestKind.IkeRekey) or (RequestKind.IkeRekey, RequestKind.ChildDelete) => CollisionKind.ChildDeleteAndIkeRekey,
        (RequestKind.ChildDelete, RequestKind.ChildDelete) when IsSameChild(node, own, peers) => CollisionKind.SimultaneousChildDelete,
        (RequestKind.IkeDelete, RequestKind.ChildRekey or RequestKind.IkeRekey) or (RequestKind.ChildRekey or RequestKind.IkeRekey, RequestKind.IkeDelete)
            => CollisionKind.IkeDeleteAndRekey,
        (RequestKind.IkeDelete, RequestKind.IkeDelete) => CollisionKind.SimultaneousIkeDelete,
        _ => null,
    };

    bool IsSameChild(Node node, RequestSummary own, RequestSummary peers) =>
        own.Spis.Any(spi => _outbound.TryGet((node, spi), out uint outbound) && peers.Spis.Contains(outbound));

    void Count(Node node, CollisionKind kind)
    {
        cell.Statistics.Add(kind);
        cell.Trace(node.Name, $"collision: {kind}");
    }
}
