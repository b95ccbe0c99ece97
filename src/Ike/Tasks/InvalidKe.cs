using System.Buffers.Binary;
using Ipsec.Crypto;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>INVALID_KE_PAYLOAD and the group in it, RFC 7296 §1.2 and §1.3.</summary>
static class InvalidKe
{
    public static NotifyPayload Notify(KeyExchangeMethod wanted)
    {
        byte[] data = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)wanted);
        return new NotifyPayload(NotifyType.InvalidKePayload, data);
    }

    /// <summary>The group that the peer wants; the parser has checked that there are two octets.</summary>
    public static KeyExchangeMethod Wanted(NotifyPayload notify) => (KeyExchangeMethod)BinaryPrimitives.ReadUInt16BigEndian(notify.Data.Span);

    public static Reason Reason(ushort? sent, KeyExchangeMethod wanted) => Reasons.Known("invalid-ke-payload",
        $"The KE payload was for {(sent is ushort method ? MessageNames.Group(method) : "no group")}, the proposal chosen has "
        + $"{MessageNames.Group((ushort)wanted)}; the initiator is asked to try again with that.");
}
