namespace Ipsec.Ike.Wire;

/// <summary>One transform of a proposal, RFC 7296 §3.3.2. Numbers that we do not know are kept: they make this transform unusable, nothing else.</summary>
/// <param name="KeyLength">The Key Length attribute in bits, if present (RFC 7296 §3.3.5).</param>
public readonly record struct Transform(TransformType Type, ushort Id, ushort? KeyLength = null)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Last Substruc |   RESERVED    |        Transform Length       |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |Transform Type |   RESERVED    |          Transform ID         |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                      Transform Attributes                     ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    //
    // Transform attribute, RFC 7296 §3.3.5:
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |A|       Attribute Type        |    AF=0  Attribute Length     |
    // |F|                             |    AF=1  Attribute Value      |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                   AF=0  Attribute Value                       |
    // |                   AF=1  Not Transmitted                       |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    internal const int HeaderLength = 8;
    const byte LastSubstructure = 0;
    const byte MoreTransforms = 3;
    const ushort AttributeFormatBit = 0x8000;
    const ushort KeyLengthAttribute = 14;

    /// <summary>
    /// An attribute is present that RFC 7296 does not define, or one that is there twice. Such a transform cannot be chosen (RFC 7296 §3.3.6).
    /// </summary>
    public bool HasUnknownAttribute { get; init; }

    /// <summary>Takes one transform off a proposal. False if its lengths or its place in the list do not hold.</summary>
    internal static bool TryTake(ref OctetReader reader, bool isLast, out Transform transform)
    {
        transform = default;
        byte more = reader.U8();
        reader.SkipReserved(1);
        int length = reader.U16();
        if (!reader.IsValid || length < HeaderLength || more != (isLast ? LastSubstructure : MoreTransforms))
            return false;
        var fields = new OctetReader(reader.Take(length - 4));
        if (!reader.IsValid)
            return false;
        var type = (TransformType)fields.U8();
        fields.SkipReserved(1);
        ushort id = fields.U16();
        ushort? keyLength = null;
        bool hasUnknown = false;
        for (int count = 0; fields.IsValid && fields.Remaining > 0; count++)
        {
            if (count == WireLimits.Attributes)
                return false;
            ushort attribute = fields.U16();
            ushort value = fields.U16();
            bool isFixedLength = (attribute & AttributeFormatBit) != 0;
            if (!isFixedLength)
                fields.Take(value);
            if (isFixedLength && (attribute & ~AttributeFormatBit) == KeyLengthAttribute && keyLength is null)
                keyLength = value;
            else
                hasUnknown = true;
        }
        transform = new Transform(type, id, keyLength) { HasUnknownAttribute = hasUnknown };
        return fields.IsComplete;
    }

    internal void Write(OctetWriter writer, bool isLast)
    {
        writer.U8(isLast ? LastSubstructure : MoreTransforms);
        writer.U8(0);
        writer.U16((ushort)(KeyLength is null ? HeaderLength : HeaderLength + 4));
        writer.U8((byte)Type);
        writer.U8(0);
        writer.U16(Id);
        if (KeyLength is ushort keyLength)
        {
            writer.U16(AttributeFormatBit | KeyLengthAttribute);
            writer.U16(keyLength);
        }
    }
}
