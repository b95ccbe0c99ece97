using System.Buffers.Binary;
using Ipsec.Ike.Wire;

namespace Ipsec.Fuzz;

/// <summary>Changes to messages: whole payloads, fields that mean something, octets, and the chain itself once the message is open.</summary>
sealed class Mutations(Dice dice)
{
    public delegate void InPlace(Span<byte> octets);

    const int MostOctets = 60_000;

    static readonly NotifyType[] Notifies = Enum.GetValues<NotifyType>();
    static readonly byte[] PayloadTypes = [.. Enum.GetValues<PayloadType>().Select(type => (byte)type), 1, 49, 54, 128, 255];
    static readonly ExchangeType[] Exchanges = [.. Enum.GetValues<ExchangeType>(), (ExchangeType)38, (ExchangeType)255, 0];
    static readonly ushort[] Words = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 14, 16, 19, 20, 31, 64, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF];

    /// <summary>Changes the list of payloads a number of times.</summary>
    /// <param name="foreign">Payloads of other messages to splice in.</param>
    public void Change(List<RawPayload> payloads, IReadOnlyList<RawPayload> foreign)
    {
        for (int changes = dice.Next(10) switch { 0 => 0, < 6 => 1, < 8 => 2, _ => 3 + dice.Next(4) }; changes > 0; changes--)
            ChangeOnce(payloads, foreign);
        // More than a datagram carries cannot be sent.
        for (int length = payloads.Sum(payload =>
            payload.Body.Length + PayloadHeader.EncodedLength); length > MostOctets; payloads.RemoveAt(payloads.Count - 1))
            length -= payloads[^1].Body.Length + PayloadHeader.EncodedLength;
    }

    /// <summary>Damages what the parser sees, chain and all, without a change of length.</summary>
    public void Damage(Span<byte> octets)
    {
        for (int changes = 1 + dice.Next(3); changes > 0 && octets.Length > 0; changes--)
            SetOctet(octets);
    }

    public IkeHeader Change(IkeHeader header) => dice.Next(7) switch
    {
        0 => header with { Exchange = dice.Of(Exchanges) },
        1 => header with { Flags = header.Flags ^ IkeHeaderFlags.Response },
        2 => header with { Flags = header.Flags ^ IkeHeaderFlags.Initiator },
        3 => header with { MessageId = header.MessageId + (uint)dice.Next(5) - 2 },
        4 => header with { MessageId = dice.Of([0u, 1u, uint.MaxValue, (uint)dice.Next64()]) },
        5 => header with { MajorVersion = (byte)dice.Next(4) },
        _ => header with { ResponderSpi = header.ResponderSpi ^ (1UL << dice.Next(64)) },
    };

    /// <summary>Cuts, lengthens or changes a datagram as it is on the wire.</summary>
    public byte[] ChangeDatagram(byte[] datagram)
    {
        switch (dice.Next(3))
        {
            case 0:
                return datagram[..dice.Next(datagram.Length + 1)];
            case 1:
                return [.. datagram, .. new byte[1 + dice.Next(40)]];
            default:
                Damage(datagram);
                return datagram;
        }
    }

    void ChangeOnce(List<RawPayload> payloads, IReadOnlyList<RawPayload> foreign)
    {
        int what = dice.Next(20);
        if (payloads.Count == 0 || what == 0)
        {
            payloads.Insert(dice.Next(payloads.Count + 1), dice.Percent(50) || foreign.Count == 0 ? NewNotify() : dice.Of(foreign));
            return;
        }
        int at = dice.Next(payloads.Count);
        RawPayload chosen = payloads[at];
        switch (what)
        {
            case 1:
                payloads.RemoveAt(at);
                break;
            case 2:
                payloads.Insert(dice.Next(payloads.Count + 1), chosen);
                break;
            case 3:
                payloads.RemoveAt(at);
                payloads.Insert(dice.Next(payloads.Count + 1), chosen);
                break;
            case 4:
                payloads[at] = chosen with { Type = dice.Of(PayloadTypes), IsCritical = dice.Percent(50) };
                break;
            case 5 when foreign.Count > 0:
                payloads[at] = dice.Of(foreign);
                break;
            case 6 when foreign.Count > 0:
                payloads.InsertRange(at, foreign.Take(1 + dice.Next(foreign.Count)));
                break;
            case 7:
                for (int copies = 1 + dice.Next(dice.Percent(5) ? 300 : 4); copies > 0; copies--)
                    payloads.Insert(at, chosen);
                break;
            case 8:
                payloads[at] = chosen with { Body = chosen.Body[..dice.Next(chosen.Body.Length + 1)] };
                break;
            case 9:
                payloads[at] = chosen with { Body = [.. chosen.Body, .. New(dice.Percent(2) ? 4000 : 1 + dice.Next(40))] };
                break;
            case 10:
                payloads[at] = chosen with { Body = Doubled(chosen.Body) };
                break;
            case 11 when chosen.Type == (byte)PayloadType.Notify && chosen.Body.Length >= 4:
                payloads[at] = chosen with { Body = WithNotifyType(chosen.Body) };
                break;
            default:
                payloads[at] = chosen with { Body = Changed(chosen.Body) };
                break;
        }
    }

    RawPayload NewNotify()
    {
        byte[] data = New(dice.Of([0, 0, 1, 2, 4, 6, 8, 12, 16, 20, 32, 64, 65, 130]));
        return RawPayload.Of(new NotifyPayload((ProtocolId)dice.Next(5), New(dice.Of([0, 0, 4, 8, 16])), dice.Of(Notifies), data));
    }

    byte[] New(int length)
    {
        byte[] octets = new byte[length];
        if (dice.Percent(70))
            dice.Fill(octets);
        return octets;
    }

    byte[] WithNotifyType(byte[] body)
    {
        byte[] copy = [.. body];
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(2), (ushort)dice.Of(Notifies));
        return copy;
    }

    byte[] Changed(byte[] body)
    {
        byte[] copy = [.. body];
        for (int changes = 1 + dice.Next(3); changes > 0 && copy.Length > 0; changes--)
            SetOctet(copy);
        return copy;
    }

    byte[] Doubled(byte[] body)
    {
        int start = dice.Next(body.Length + 1);
        int length = dice.Next(body.Length - start + 1);
        return [.. body[..(start + length)], .. body[start..]];
    }

    void SetOctet(Span<byte> octets)
    {
        int at = dice.Next(octets.Length);
        switch (dice.Next(9))
        {
            case 0 or 1:
                octets[at] ^= (byte)(1 << dice.Next(8));
                break;
            case 2:
                octets[at] = 0;
                break;
            case 3:
                octets[at] = 0xFF;
                break;
            case 4:
                octets[at]++;
                break;
            case 5:
                octets[at]--;
                break;
            case 6 when at + 2 <= octets.Length:
                BinaryPrimitives.WriteUInt16BigEndian(octets[at..], dice.Of(Words));
                break;
            case 7 when at + 2 <= octets.Length:
                BinaryPrimitives.WriteUInt16BigEndian(octets[at..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(octets[at..]) + dice.Next(17) - 8));
                break;
            default:
                octets[at] = (byte)dice.Next(256);
                break;
        }
    }
}
