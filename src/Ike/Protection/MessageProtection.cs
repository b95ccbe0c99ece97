using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Protection;

/// <summary>
/// The Encrypted payload of one IKE SA in both directions, RFC 7296 §3.14 and RFC 5282, and the Encrypted Fragment payload, RFC 7383 §2.5. The keys
/// stay their owner's: dispose them no earlier than this is done with.
/// </summary>
sealed class MessageProtection
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                     Initialization Vector                     |
    // |         (length is block size for encryption algorithm)       |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                    Encrypted IKE Payloads                     ~
    // +               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |               |             Padding (0-255 octets)            |
    // +-+-+-+-+-+-+-+-+                               +-+-+-+-+-+-+-+-+
    // |                                               |  Pad Length   |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                    Integrity Checksum Data                    ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    const int PadLengthField = 1;

    // An empty request gets more padding than its cipher needs: a peer that has lost the IKE SA answers with no more octets than it got, and INVALID_IKE_SPI
    // with a token of quick crash detection (RFC 6290 §4.5, §5) takes 60.
    internal const int ShortestMessage = 60;

    readonly EncryptionTransform _encryption;
    readonly IntegrityAlgorithm _integrity;
    readonly Secret _sealingKey;
    readonly Secret _sealingIntegrityKey;
    readonly Secret _openingKey;
    readonly Secret _openingIntegrityKey;
    readonly EncryptedPayloadIv _ivs;

    /// <param name="isInitiator">We are the original initiator of the IKE SA: we seal with SK_ei and SK_ai.</param>
    public MessageProtection(IkeSuite suite, IkeKeys keys, bool isInitiator, IRandomSource random)
    {
        _encryption = suite.Encryption;
        _integrity = suite.Encryption.IsCombinedMode ? IntegrityAlgorithm.None : suite.Integrity;
        _sealingKey = isInitiator ? keys.SkEi : keys.SkEr;
        _sealingIntegrityKey = isInitiator ? keys.SkAi : keys.SkAr;
        _openingKey = isInitiator ? keys.SkEr : keys.SkEi;
        _openingIntegrityKey = isInitiator ? keys.SkAr : keys.SkAi;
        _ivs = new EncryptedPayloadIv(suite.Encryption, random);
    }

    int IcvLength => _encryption.IsCombinedMode ? _encryption.TagLength : _integrity.IcvLength();

    /// <summary>The whole message in one datagram: header, one Encrypted payload with all of the message's payloads inside.</summary>
    public byte[] Seal(IkeMessage message) => Seal(message, Write(message.Payloads), default);

    /// <summary>
    /// The message in datagrams of at most that many octets, each with its own IV and ICV (RFC 7383 §2.5); in one where it fits, and where it would
    /// take more fragments than a peer may be expected to collect.
    /// </summary>
    public byte[][] Seal(IkeMessage message, int maximumLength)
    {
        byte[] content = Write(message.Payloads);
        int chunk = ChunkLength(maximumLength);
        if (maximumLength == 0 || LengthOf(content.Length, default) <= maximumLength || chunk <= 0 || content.Length > chunk * WireLimits.Fragments)
            return [Seal(message, content, default)];
        byte[][] datagrams = new byte[(content.Length + chunk - 1) / chunk][];
        for (int i = 0; i < datagrams.Length; i++)
        {
            ReadOnlySpan<byte> part = content.AsSpan(i * chunk, Math.Min(chunk, content.Length - i * chunk));
            datagrams[i] = Seal(message, part, new Fragment(i + 1, datagrams.Length));
        }
        return datagrams;
    }

    /// <summary>Checks and decrypts. Whatever is wrong, the reason given is one and the same, and nothing of the plaintext is released.</summary>
    public bool TryOpen(in MessageEnvelope envelope, [NotNullWhen(true)] out OpenedMessage? opened)
    {
        opened = null;
        ReadOnlySpan<byte> body = envelope.EncryptedBody;
        int plaintextLength = body.Length - _encryption.IvLength - IcvLength;
        if (plaintextLength < PadLengthField || plaintextLength % _encryption.BlockLength != 0)
            return false;
        byte[] plaintext = body.Slice(_encryption.IvLength, plaintextLength).ToArray();
        if (!MessageCipher.TryOpen(_encryption, _openingKey.Span, _integrity, _openingIntegrityKey.Span, envelope.AssociatedData,
            body[.._encryption.IvLength], plaintext, body[^IcvLength..]))
            return false;
        int payloadLength = plaintextLength - PadLengthField - plaintext[^1];
        if (payloadLength < 0)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
        opened = new OpenedMessage(envelope.Header, envelope.FirstProtectedPayload, plaintext.AsMemory(0, payloadLength), envelope.ClearFault)
        {
            AuthenticatedHeader = envelope.Header.Exchange == ExchangeType.IkeIntermediate ? envelope.ToAuthenticatedHeader() : [],
        };
        return true;
    }

    /// <summary>IntAuth_*A | IntAuth_*P of a message of ours (RFC 9242 §3.3.2).</summary>
    public static byte[] AuthenticatedContent(IkeMessage message)
    {
        var writer = new OctetWriter();
        message.Header.Write(writer, PayloadType.Encrypted);
        writer.U8((byte)MessageWriter.FirstType(message.Payloads));
        writer.Zeros(PayloadHeader.EncodedLength - 1);
        return AuthenticatedContent(writer.ToArray(), Write(message.Payloads));
    }

    /// <summary>IntAuth_*A | IntAuth_*P of a message that was opened (RFC 9242 §3.3.2).</summary>
    public static byte[] AuthenticatedContent(OpenedMessage message) => AuthenticatedContent([.. message.AuthenticatedHeader], message.Payloads.Span);

    static byte[] AuthenticatedContent(byte[] header, ReadOnlySpan<byte> payloads)
    {
        MessageEnvelope.SetAdjustedLengths(header, payloads.Length);
        return [.. header, .. payloads];
    }

    static byte[] Write(ImmutableArray<Payload> payloads)
    {
        var writer = new OctetWriter();
        MessageWriter.WritePayloads(writer, payloads);
        return writer.ToArray();
    }

    byte[] Seal(IkeMessage message, ReadOnlySpan<byte> content, Fragment fragment)
    {
        var writer = new OctetWriter();
        message.Header.Write(writer, fragment.IsWhole ? PayloadType.Encrypted : PayloadType.EncryptedFragment);
        int start = writer.Length;
        // RFC 7383 §2.5: fragments behind the first do not say what they begin with.
        writer.U8(fragment.Number > 1 ? (byte)PayloadType.None : (byte)MessageWriter.FirstType(message.Payloads));
        writer.Zeros(3);
        if (!fragment.IsWhole)
        {
            writer.U16((ushort)fragment.Number);
            writer.U16((ushort)fragment.Total);
        }
        int associatedLength = writer.Length;
        writer.Zeros(_encryption.IvLength);
        int plaintextOffset = writer.Length;
        writer.Octets(content);
        // The content of the padding is free (§3.14).
        int padding = PaddingLength(content.Length);
        writer.Zeros(padding);
        writer.U8((byte)padding);
        int icvOffset = writer.Length;
        writer.Zeros(IcvLength);
        writer.PatchLength16(start + PayloadHeader.LengthOffset, writer.Length - start);
        writer.PatchU32(IkeHeader.LengthOffset, (uint)writer.Length);

        byte[] datagram = writer.ToArray();
        Span<byte> iv = datagram.AsSpan(associatedLength, _encryption.IvLength);
        _ivs.Fill(iv);
        MessageCipher.Seal(_encryption, _sealingKey.Span, _integrity, _sealingIntegrityKey.Span, datagram.AsSpan(0, associatedLength), iv,
            datagram.AsSpan(plaintextOffset, icvOffset - plaintextOffset), datagram.AsSpan(icvOffset));
        return datagram;
    }

    /// <summary>Octets of content that fit into a fragment of that length.</summary>
    int ChunkLength(int maximumLength)
    {
        int plaintext = maximumLength - LengthOf(0, new Fragment(1, 1)) + PadLengthField + PaddingLength(0);
        return plaintext / _encryption.BlockLength * _encryption.BlockLength - PadLengthField;
    }

    int LengthOf(int contentLength, Fragment fragment) => IkeHeader.EncodedLength + PayloadHeader.EncodedLength
        + (fragment.IsWhole ? 0 : MessageEnvelope.FragmentFieldsLength) + _encryption.IvLength + contentLength
        + PaddingLength(contentLength) + PadLengthField + IcvLength;

    int PaddingLength(int payloadLength)
    {
        int block = _encryption.BlockLength;
        int over = (payloadLength + PadLengthField) % block;
        int padding = over == 0 ? 0 : block - over;
        if (payloadLength > 0)
            return padding;
        int missing = ShortestMessage - (IkeHeader.EncodedLength + PayloadHeader.EncodedLength + _encryption.IvLength + padding + PadLengthField + IcvLength);
        return missing <= 0 ? padding : padding + (missing + block - 1) / block * block;
    }

    /// <summary>Which fragment of how many; the default is a message that is not fragmented.</summary>
    readonly record struct Fragment(int Number, int Total)
    {
        public bool IsWhole => Total == 0;
    }
}
