using System.Formats.Asn1;

namespace Ipsec.Crypto.Signatures;

/// <summary>The two forms of an ECDSA signature: SEQUENCE { r, s } in DER, which libcrypto knows, and r | s of fixed length (RFC 4754 §3).</summary>
static class EcdsaValue
{
    /// <summary>Octets of r and of s: as many as the group's order needs.</summary>
    internal static int NumberLength(SignatureKeyKind kind) => kind switch
    {
        SignatureKeyKind.EcdsaP256 => 32,
        SignatureKeyKind.EcdsaP384 => 48,
        SignatureKeyKind.EcdsaP521 => 66,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an ECDSA key"),
    };

    /// <summary>Null unless the value is exactly r | s.</summary>
    internal static byte[]? ToDer(ReadOnlySpan<byte> fixedValue, int numberLength)
    {
        if (fixedValue.Length != 2 * numberLength)
            return null;
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteNumber(writer, fixedValue[..numberLength]);
            WriteNumber(writer, fixedValue[numberLength..]);
        }
        return writer.Encode();
    }

    /// <summary>For a signature that we have just made.</summary>
    internal static byte[] FromDer(ReadOnlyMemory<byte> der, int numberLength)
    {
        AsnReader numbers = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        byte[] value = new byte[2 * numberLength];
        CopyNumber(numbers, value.AsSpan(0, numberLength));
        CopyNumber(numbers, value.AsSpan(numberLength));
        return value;
    }

    static void WriteNumber(AsnWriter writer, ReadOnlySpan<byte> number)
    {
        ReadOnlySpan<byte> trimmed = number.TrimStart((byte)0);
        writer.WriteIntegerUnsigned(trimmed.IsEmpty ? [0] : trimmed);
    }

    static void CopyNumber(AsnReader numbers, Span<byte> destination)
    {
        ReadOnlySpan<byte> number = numbers.ReadIntegerBytes().Span.TrimStart((byte)0);
        number.CopyTo(destination[^number.Length..]);
    }
}
