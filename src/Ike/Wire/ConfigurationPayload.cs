using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>What a Configuration payload is there for, RFC 7296 §3.15.</summary>
public enum ConfigurationType : byte
{
    Request = 1,
    Reply = 2,
    Set = 3,
    Acknowledge = 4,
}

/// <summary>Configuration payload, RFC 7296 §3.15. Types of payload and of attributes that we do not know are kept as numbers.</summary>
public sealed record ConfigurationPayload(ConfigurationType ConfigurationType, ImmutableArray<ConfigurationAttribute> Attributes)
    : Payload(PayloadType.Configuration)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |   CFG Type    |                    RESERVED                   |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                   Configuration Attributes                    ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

    /// <summary>Null if the body is malformed, an attribute has a length that its type cannot have, or there are too many.</summary>
    internal static ConfigurationPayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var type = (ConfigurationType)reader.U8();
        reader.SkipReserved(3);
        if (!reader.IsValid)
            return null;
        ImmutableArray<ConfigurationAttribute>.Builder attributes = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        while (reader.Remaining > 0)
        {
            if (attributes.Count == WireLimits.ConfigurationAttributes || ConfigurationAttribute.Parse(ref reader) is not ConfigurationAttribute attribute)
                return null;
            attributes.Add(attribute);
        }
        return new ConfigurationPayload(type, attributes.DrainToImmutable());
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)ConfigurationType);
        writer.Zeros(3);
        foreach (ConfigurationAttribute attribute in Attributes)
            attribute.Write(writer);
    }

    public bool Equals(ConfigurationPayload? other) =>
        base.Equals(other) && ConfigurationType == other!.ConfigurationType && Attributes.SequenceEqual(other.Attributes);

    public override int GetHashCode() => (int)ConfigurationType << 16 ^ Attributes.Length;
}
