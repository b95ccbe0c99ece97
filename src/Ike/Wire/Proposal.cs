using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>One proposal of a Security Association payload, RFC 7296 §3.3.1.</summary>
/// <param name="Number">1 for the first, then counting up; a reply carries the number that was chosen.</param>
/// <param name="Spi">0 octets in IKE_SA_INIT, 8 for IKE in a rekey, 4 for ESP.</param>
public sealed record Proposal(byte Number, ProtocolId Protocol, ReadOnlyMemory<byte> Spi, ImmutableArray<Transform> Transforms)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Last Substruc |   RESERVED    |         Proposal Length       |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                        SPI (variable)                         ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                        <Transforms>                           |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    const int HeaderLength = 8;
    const int LengthOffset = 2;
    const byte LastSubstructure = 0;
    const byte MoreProposals = 2;

    /// <summary>Takes one proposal off the payload; null if its lengths, its SPI or its transforms do not hold.</summary>
    internal static Proposal? Take(ref OctetReader reader)
    {
        byte more = reader.U8();
        reader.SkipReserved(1);
        int length = reader.U16();
        if (!reader.IsValid || length < HeaderLength)
            return null;
        var fields = new OctetReader(reader.Take(length - 4));
        // The last proposal says so, and only the last one.
        if (!reader.IsValid || more != (reader.Remaining == 0 ? LastSubstructure : MoreProposals))
            return null;
        byte number = fields.U8();
        var protocol = (ProtocolId)fields.U8();
        int spiLength = fields.U8();
        int transformCount = fields.U8();
        ReadOnlySpan<byte> spi = fields.Take(spiLength);
        if (!fields.IsValid || number == 0 || !IsSpi(protocol, spi))
            return null;
        ImmutableArray<Transform>.Builder transforms = ImmutableArray.CreateBuilder<Transform>(Math.Min(transformCount,
            fields.Remaining / Transform.HeaderLength));
        for (int i = 1; i <= transformCount; i++)
        {
            if (!Transform.TryTake(ref fields, isLast: i == transformCount, out Transform transform))
                return null;
            transforms.Add(transform);
        }
        return fields.IsComplete ? new Proposal(number, protocol, spi.ToArray(), transforms.DrainToImmutable()) : null;
    }

    internal void Write(OctetWriter writer, bool isLast)
    {
        int start = writer.Length;
        writer.U8(isLast ? LastSubstructure : MoreProposals);
        writer.U8(0);
        writer.U16(0);
        writer.U8(Number);
        writer.U8((byte)Protocol);
        writer.U8((byte)Spi.Length);
        writer.U8((byte)Transforms.Length);
        writer.Octets(Spi.Span);
        for (int i = 0; i < Transforms.Length; i++)
            Transforms[i].Write(writer, isLast: i == Transforms.Length - 1);
        writer.PatchLength16(start + LengthOffset, writer.Length - start);
    }

    public bool Equals(Proposal? other) => other is not null && Number == other.Number && Protocol == other.Protocol
        && Spi.Span.SequenceEqual(other.Spi.Span) && Transforms.SequenceEqual(other.Transforms);

    public override int GetHashCode() => Number << 8 ^ (int)Protocol ^ Transforms.Length << 16;

    // RFC 7296 §3.3.1 for the length; §3.1 and RFC 4303 §2.1: no IKE SA and no ESP SA has the SPI zero (in UDP it would read as IKE).
    // A protocol that we do not know may have any SPI.
    static bool IsSpi(ProtocolId protocol, ReadOnlySpan<byte> spi) => protocol switch
    {
        ProtocolId.Ike => spi.Length == 0 || spi.Length == 8 && spi.ContainsAnyExcept((byte)0),
        ProtocolId.Ah or ProtocolId.Esp => spi.Length == 4 && spi.ContainsAnyExcept((byte)0),
        _ => true,
    };
}
