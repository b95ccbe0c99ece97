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
        message with { Payloads = [.. message.Payloads.Where(payload => payload is not DeletePayload), .. delete is null ? [] : new Payload[] { delete }] };

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
    const int Remembered = 16;

    readonly List<(uint Requested, uint Answered)> _collisions = [];
    uint? _requested;

    public override IkeMessage Change(IkeMessage message)
    {
        if (message.Header.IsRequest)
            _requested = null;
        if (message.Header.Exchange == ExchangeType.CreateChildSa && OfferedSpi(message) is uint spi)
        {
            if (message.Header.IsRequest)
                _requested = spi;
            else if (_requested is uint requested)
                _collisions.Add((requested, spi));
            if (_collisions.Count > Remembered)
                _collisions.RemoveAt(0);
            return message;
        }
        if (message.Header.IsResponse || message.Find<DeletePayload>() is not { Protocol: ProtocolId.Esp } delete)
            return message;
        foreach ((uint ours, uint theirs) in _collisions)
        {
            if (delete.Spis[0] == ours || delete.Spis[0] == theirs)
                return WithDelete(message, new DeletePayload(ProtocolId.Esp, [delete.Spis[0] == ours ? theirs : ours]));
        }
        return message;
    }
}
