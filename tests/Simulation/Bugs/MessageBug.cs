using System.Buffers.Binary;
using Ipsec.Ike.Wire;

namespace Ipsec.Simulation.Bugs;

/// <summary>A bug that shows in the messages that a node sends.</summary>
abstract class MessageBug
{
    public abstract IkeMessage Change(IkeMessage message);

    public static MessageBug? Of(PlantedBug bug) => bug switch
    {
        PlantedBug.LostDelete => new LostDelete(),
        PlantedBug.WrongTieBreak => new WrongTieBreak(),
        _ => null,
    };

    protected static IkeMessage WithDelete(IkeMessage message, DeletePayload? delete) =>
        message with { Payloads = [.. message.Payloads.SelectMany(payload => payload is not DeletePayload ? [payload] : delete is null ? [] : new Payload[] { delete })] };

    protected static uint? OfferedSpi(IkeMessage message) =>
        message.Find<SecurityAssociationPayload>()?.Proposals is [{ Protocol: ProtocolId.Esp } proposal, ..]
            ? BinaryPrimitives.ReadUInt32BigEndian(proposal.Spi.Span) : null;
}

/// <summary>Requests to delete a child SA arrive as if they were liveness checks.</summary>
sealed class LostDelete : MessageBug
{
    public override IkeMessage Change(IkeMessage message) =>
        message.Header.IsRequest && message.Find<DeletePayload>() is { Protocol: ProtocolId.Esp } ? WithDelete(message, null) : message;
}

/// <summary>Two child SAs were just made on one IKE SA, one by each side: the DELETE for one of them names the other.</summary>
sealed class WrongTieBreak : MessageBug
{
    uint _requested;
    uint _answered;
    bool _isAwaiting;

    public override IkeMessage Change(IkeMessage message)
    {
        if (message.Header.Exchange == ExchangeType.CreateChildSa && OfferedSpi(message) is uint spi)
        {
            if (message.Header.IsRequest)
            {
                (_requested, _answered) = (spi, 0);
                _isAwaiting = true;
            }
            else if (_isAwaiting)
            {
                _answered = spi;
            }
            return message;
        }
        if (message.Header.Exchange != ExchangeType.Informational || message.Header.IsResponse || message.Find<DeletePayload>() is not { Protocol: ProtocolId.Esp } delete)
            return message;
        _isAwaiting = false;
        if (_answered == 0)
            return message;
        uint swapped = delete.Spis[0] == _requested ? _answered : delete.Spis[0] == _answered ? _requested : 0;
        return swapped == 0 ? message : WithDelete(message, new DeletePayload(ProtocolId.Esp, [swapped]));
    }
}
