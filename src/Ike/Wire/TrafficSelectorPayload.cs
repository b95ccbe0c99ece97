using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Ike.Wire;

/// <summary>
/// Traffic Selector payload, RFC 7296 §3.13; both TSi and TSr. At least one selector stood in it; those of types that we do not
/// know are left out, so that nothing may remain.
/// </summary>
public sealed record TrafficSelectorPayload(PayloadType Role, ImmutableArray<TrafficSelector> Selectors) : Payload(Role)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Number of TSs |                 RESERVED                      |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                       <Traffic Selectors>                     ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    //
    // Traffic Selector, RFC 7296 §3.13.1:
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |   TS Type     |IP Protocol ID*|       Selector Length         |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |           Start Port*         |           End Port*           |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                         Starting Address*                     ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                         Ending Address*                       ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    const int SelectorHeaderLength = 4;
    const byte Ipv4AddressRange = 7;
    const byte Ipv6AddressRange = 8;

    /// <summary>Null if the body is malformed: a range that runs backwards among others.</summary>
    internal static TrafficSelectorPayload? Parse(PayloadType role, ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        int count = reader.U8();
        reader.SkipReserved(3);
        if (!reader.IsValid || count == 0)
            return null;
        ImmutableArray<TrafficSelector>.Builder selectors = ImmutableArray.CreateBuilder<TrafficSelector>();
        for (int i = 0; i < count; i++)
        {
            byte type = reader.U8();
            byte protocol = reader.U8();
            int length = reader.U16();
            if (!reader.IsValid || length < SelectorHeaderLength)
                return null;
            var fields = new OctetReader(reader.Take(length - SelectorHeaderLength));
            if (!reader.IsValid)
                return null;
            if (type is not (Ipv4AddressRange or Ipv6AddressRange))
                continue;
            if (ParseSelector(ref fields, protocol, addressLength: type == Ipv4AddressRange ? 4 : 16) is not TrafficSelector selector)
                return null;
            selectors.Add(selector);
        }
        return reader.IsComplete ? new TrafficSelectorPayload(role, selectors.DrainToImmutable()) : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Selectors.Length);
        writer.Zeros(3);
        foreach (TrafficSelector selector in Selectors)
        {
            int start = writer.Length;
            writer.U8(selector.Addresses.IsV6 ? Ipv6AddressRange : Ipv4AddressRange);
            writer.U8(selector.Protocol);
            writer.U16(0);
            writer.U16(selector.FirstPort);
            writer.U16(selector.LastPort);
            writer.Octets(selector.Addresses.First.ToByteArray());
            writer.Octets(selector.Addresses.Last.ToByteArray());
            writer.PatchLength16(start + 2, writer.Length - start);
        }
    }

    public bool Equals(TrafficSelectorPayload? other) => base.Equals(other) && Selectors.SequenceEqual(other!.Selectors);

    public override int GetHashCode() => (int)Role << 16 ^ Selectors.Length;

    static TrafficSelector? ParseSelector(ref OctetReader fields, byte protocol, int addressLength)
    {
        ushort firstPort = fields.U16();
        ushort lastPort = fields.U16();
        ReadOnlySpan<byte> first = fields.Take(addressLength);
        ReadOnlySpan<byte> last = fields.Take(addressLength);
        if (!fields.IsComplete)
            return null;
        IpAddress firstAddress = IpAddress.FromBytes(first);
        IpAddress lastAddress = IpAddress.FromBytes(last);
        // RFC 7296 §3.13.1: 65535 to 0 is OPAQUE; every other range runs upwards.
        bool isOpaque = firstPort == ushort.MaxValue && lastPort == 0;
        if (lastAddress < firstAddress || (lastPort < firstPort && !isOpaque))
            return null;
        return new TrafficSelector(new IpAddressRange(firstAddress, lastAddress), protocol, firstPort, lastPort);
    }
}
