using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Ike.Wire;

namespace Ipsec.Simulation.Observation;

enum RequestKind
{
    Other,
    NewChild,
    ChildRekey,
    IkeRekey,
    ChildDelete,
    IkeDelete,
    Liveness,
}

/// <summary>What a protected request asks for.</summary>
/// <param name="Spis">Inbound SPIs of its sender: the child SA rekeyed, or those deleted.</param>
sealed record RequestSummary(uint MessageId, RequestKind Kind, ImmutableArray<uint> Spis, long Turn)
{
    /// <summary>A request of the other side arrived while the answer to this one was awaited.</summary>
    public bool HasCollided { get; set; }

    public bool IsAnswered { get; set; }

    public static RequestSummary Of(IkeMessage message, long turn)
    {
        RequestKind kind = RequestKind.Other;
        ImmutableArray<uint> spis = [];
        if (message.Header.Exchange == ExchangeType.CreateChildSa)
        {
            if (message.FindNotify(NotifyType.RekeySa) is NotifyPayload rekey)
            {
                kind = RequestKind.ChildRekey;
                spis = [BinaryPrimitives.ReadUInt32BigEndian(rekey.Spi.Span)];
            }
            else
            {
                kind = message.Find<SecurityAssociationPayload>()?.Proposals[0].Protocol == ProtocolId.Ike ? RequestKind.IkeRekey : RequestKind.NewChild;
            }
        }
        else if (message.Header.Exchange == ExchangeType.Informational)
        {
            if (message.Find<DeletePayload>() is DeletePayload delete)
            {
                kind = delete.Protocol == ProtocolId.Ike ? RequestKind.IkeDelete : RequestKind.ChildDelete;
                spis = delete.Spis;
            }
            else if (message.Payloads.IsEmpty)
            {
                kind = RequestKind.Liveness;
            }
        }
        return new RequestSummary(message.Header.MessageId, kind, spis, turn);
    }
}
