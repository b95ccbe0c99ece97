using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>Delete payload, RFC 7296 §3.11: no SPIs for IKE, 4-octet SPIs for AH and ESP, those that the sender expects inbound.</summary>
public sealed record DeletePayload(ProtocolId Protocol, ImmutableArray<uint> Spis) : Payload(PayloadType.Delete)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |  Protocol ID  |   SPI Size    |          Num of SPIs          |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~               Security Parameter Index(es) (SPI)              ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Null if the body is malformed.</summary>
    internal static DeletePayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var protocol = (ProtocolId)reader.U8();
        int spiLength = reader.U8();
        int count = reader.U16();
        bool fits = protocol switch
        {
            ProtocolId.Ike => spiLength == 0 && count == 0,
            ProtocolId.Ah or ProtocolId.Esp => spiLength == 4 && count <= WireLimits.DeletedSpis,
            _ => false,
        };
        if (!fits || reader.Remaining != count * spiLength)
            return null;
        ImmutableArray<uint>.Builder spis = ImmutableArray.CreateBuilder<uint>(count);
        for (int i = 0; i < count; i++)
            spis.Add(reader.U32());
        return reader.IsComplete ? new DeletePayload(protocol, spis.DrainToImmutable()) : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Protocol);
        writer.U8((byte)(Protocol == ProtocolId.Ike ? 0 : 4));
        writer.U16((ushort)Spis.Length);
        foreach (uint spi in Spis)
            writer.U32(spi);
    }

    public bool Equals(DeletePayload? other) => base.Equals(other) && Protocol == other!.Protocol && Spis.SequenceEqual(other.Spis);

    public override int GetHashCode() => (int)Protocol << 16 ^ Spis.Length;
}
