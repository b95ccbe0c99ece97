using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ipsec.Ike.Wire;

namespace Ipsec.Endpoint.Faults;

/// <summary>
/// Everything that an endpoint can be made to do wrong, by name. "NAME" does it with every message, "NAME:N" with the Nth one only,
/// counted from 1; retransmissions count where the fault is one of datagrams.
/// </summary>
public static class MisbehaviourCatalogue
{
    // RFC 7296 §3.1: where the fields of the header stand.
    const int InitiatorSpiOffset = 0;
    const int VersionOffset = 17;
    const int LengthOffset = 24;

    /// <summary>RFC 7296 §3.2: 128 to 255 are for private use.</summary>
    const PayloadType UnknownPayload = (PayloadType)200;

    /// <summary>RFC 7296 §3.10.1: status types from 40960 are for private use.</summary>
    const NotifyType UnknownStatus = (NotifyType)40961;

    /// <summary>RFC 7296 §3.1: 240 to 255 are for private use.</summary>
    const ExchangeType UnknownExchange = (ExchangeType)250;

    /// <summary>Longer than the first retransmission timeout, so that the answer crosses a repeated request.</summary>
    static readonly TimeSpan LateBy = TimeSpan.FromSeconds(3);

    static readonly ImmutableArray<MisbehaviourEntry> Entries =
    [
        new("drop", "a datagram is lost", Datagram: (_, _) => []),
        new("duplicate", "a datagram comes twice", Datagram: (octets, _) => [.. Send(octets), .. Send(octets)]),
        new("delay", "a datagram comes 3 s late", Datagram: (octets, _) => [new LateDatagram(octets, LateBy)]),
        new("truncate", "a datagram ends half-way", Datagram: (octets, _) => Send(octets[..(octets.Length / 2)])),
        new("append", "a datagram has four octets behind its end", Datagram: (octets, _) => Send([.. octets, 1, 2, 3, 4])),
        new("flip-bit", "the last bit of a datagram is wrong: of the ICV, where there is one",
            Datagram: (octets, _) => Send(octets, octets.Length - 1, 0x01)),
        new("wrong-spi", "the initiator's SPI is another one", Datagram: (octets, header) => Send(octets, header + InitiatorSpiOffset, 0x80)),
        new("wrong-version", "the major version is 3", Datagram: (octets, header) => Send(octets, header + VersionOffset, 0x10)),
        new("wrong-length", "the length field counts one octet too many", Datagram: SendWithLongerLength),
        new("minor-version", "the minor version is 1, which is to be ignored",
            Message: message => message with { Header = message.Header with { MinorVersion = 1 } }),
        new("wrong-message-id", "the message ID is seven ahead",
            Message: message => message with { Header = message.Header with { MessageId = message.Header.MessageId + 7 } }),
        new("wrong-exchange", "the exchange type is one that nobody knows",
            Message: message => message with { Header = message.Header with { Exchange = UnknownExchange } }),
        new("hold-back", "a message is built and never sent, not even again", Message: _ => null),
        new("no-payloads", "a message is empty", Message: message => message with { Payloads = [] }),
        new("reverse-payloads", "the payloads stand in the opposite order", Message: message => message with { Payloads = [.. message.Payloads.Reverse()] }),
        new("critical-unknown-payload", "a payload of an unknown type stands at the end, marked critical",
            Message: message => Append(message, new OpaquePayload(UnknownPayload, new byte[4]) { IsCritical = true })),
        new("unknown-payload", "a payload of an unknown type stands at the end", Message: message =>
            Append(message, new OpaquePayload(UnknownPayload, new byte[4]))),
        new("unknown-notify", "a status notification of an unknown type stands at the end", Message: message =>
            Append(message, new NotifyPayload(UnknownStatus))),
        new("unknown-vendor", "a vendor ID that nobody knows stands at the end",
            Message: message => Append(message, new VendorIdPayload("nobody"u8.ToArray()))),
        new("misread", "the payloads of a message that was opened are read with every octet inverted", Payloads: Invert),
        new("force-cookie", "every initiator must return a cookie (RFC 7296 §2.6)",
            Configuration: configuration => configuration with { Ike = configuration.Ike with { CookieThreshold = 0 } }),
    ];

    /// <summary>Name and one line of description of each.</summary>
    public static ImmutableArray<(string Name, string Description)> All { get; } = [.. Entries.Select(entry => (entry.Name, entry.Description))];

    /// <param name="text">"drop", "drop:2".</param>
    /// <param name="error">One sentence with the accepted values.</param>
    public static bool TryCreate(string text, [NotNullWhen(true)] out Misbehaviour? misbehaviour, [NotNullWhen(false)] out string? error)
    {
        misbehaviour = null;
        string[] parts = text.Split(':');
        MisbehaviourEntry? entry = Entries.FirstOrDefault(entry => entry.Name == parts[0]);
        if (entry is null)
        {
            error = $"'{parts[0]}' is no misbehaviour; there are {string.Join(", ", Entries.Select(known => known.Name))}.";
            return false;
        }
        int number = 0;
        if (parts.Length > 2 || (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1)))
        {
            error = $"'{text}' names no message; behind the colon stands a number from 1.";
            return false;
        }
        error = null;
        misbehaviour = new Misbehaviour(entry, parts.Length == 2 ? number : null);
        return true;
    }

    static LateDatagram[] Send(byte[] octets) => [new LateDatagram(octets, TimeSpan.Zero)];

    static LateDatagram[] Send(byte[] octets, int changedOctet, byte changedBits)
    {
        octets[changedOctet] ^= changedBits;
        return Send(octets);
    }

    static LateDatagram[] SendWithLongerLength(byte[] octets, int header)
    {
        Span<byte> length = octets.AsSpan(header + LengthOffset, sizeof(uint));
        BinaryPrimitives.WriteUInt32BigEndian(length, BinaryPrimitives.ReadUInt32BigEndian(length) + 1);
        return Send(octets);
    }

    static IkeMessage Append(IkeMessage message, Payload payload) => message with { Payloads = message.Payloads.Add(payload) };

    static void Invert(Span<byte> payloads)
    {
        for (int i = 0; i < payloads.Length; i++)
            payloads[i] ^= 0xFF;
    }
}
