using Ipsec.Ike;
using Ipsec.Ike.Wire;
using Ipsec.Simulation.Bugs;
using Ipsec.Simulation.Cells;

namespace Ipsec.Simulation.Observation;

/// <summary>Sees every message that a node builds; a planted bug may change it first.</summary>
sealed class MessageObserver(Cell cell, Node node, MessageBug? bug) : IMessageHooks
{
    public IkeMessage? Outgoing(IkeMessage message)
    {
        if (bug is not null)
            message = bug.Change(message);
        if (message.Header.Exchange != ExchangeType.IkeSaInit)
            cell.Requests.Add(node, message);
        return message;
    }

    public void Incoming(Span<byte> payloads)
    {
    }
}
