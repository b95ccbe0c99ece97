using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Endpoint.Journal;

/// <summary>Events in a form that is the same in every process; keys are never part of it.</summary>
static class JournalEvents
{
    public static void Write(JournalBuffer body, IkeEvent occurred)
    {
        body.Text(occurred.GetType().Name).Text(occurred.Connection).Number(occurred.IkeSa?.Value ?? 0);
        switch (occurred)
        {
            case MessagePassed passed:
                body.Flag(passed.Sent).Flag(passed.IsRequest).Text(passed.Exchange).Number(passed.MessageId).Flag(passed.IsRetransmission)
                    .Path(passed.Path).Number(passed.InitiatorSpi).Number(passed.ResponderSpi).Texts(passed.Payloads).Texts(passed.Notes);
                break;
            case IkeSaEstablished established:
                body.Flag(established.IsInitiator).Path(established.Path).Text(established.LocalIdentity).Text(established.RemoteIdentity)
                    .Flag(established.IsRekey).Text(established.Suite.ToString());
                break;
            case IkeSaClosed closed:
                body.Flag(closed.WasEstablished);
                Write(body, closed.Reasons);
                break;
            case IkeSaMoved moved:
                body.Path(moved.From).Path(moved.To);
                break;
            case ChildSaEstablished established:
                body.Number(established.Id.Value).Text(established.Child).Text(established.Suite.ToString())
                    .Number(established.InboundSpi).Number(established.OutboundSpi)
                    .Selectors(established.LocalSelectors).Selectors(established.RemoteSelectors)
                    .Number(established.Replaces is ChildSaId replaced ? replaced.Value + 1 : 0);
                break;
            case ChildSaClosed closed:
                body.Number(closed.Id.Value).Text(closed.Child);
                Write(body, closed.Reasons);
                break;
            case NegotiationRefused refused:
                body.Flag(refused.ByPeer).Text(refused.Exchange);
                Write(body, refused.Reasons);
                break;
            case PeerFaultCounted fault:
                body.Text(fault.Fault).Path(fault.Path);
                break;
            case IkeKeysDerived keys:
                // That keys were handed to the key log, not the keys.
                body.Number(keys.InitiatorSpi).Number(keys.ResponderSpi);
                break;
        }
    }

    static void Write(JournalBuffer body, ImmutableArray<Reason> reasons)
    {
        body.Number((ulong)reasons.Length);
        foreach (Reason reason in reasons)
            body.Text(reason.Code).Octet((byte)reason.Certainty).Text(reason.Text);
    }
}
