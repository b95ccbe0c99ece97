using System.Collections.Immutable;
using System.Text;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using static Ipsec.Ike.Wire.ConfigurationAttributeType;

namespace Ipsec.Ike.Addresses;

/// <summary>What a gateway assigned to us in a Configuration payload (RFC 7296 §3.15). Every list is bounded by the payload's own bound.</summary>
public sealed record AssignedConfiguration
{
    public static AssignedConfiguration None { get; } = new();

    /// <summary>Our addresses in the peer's network, with the length of the network that they are in (32 or 128 where that was not said).</summary>
    public ImmutableArray<AssignedAddress> Addresses { get; init; } = [];
    public ImmutableArray<IpAddress> Dns { get; init; } = [];
    public ImmutableArray<IpAddress> Nbns { get; init; } = [];
    public ImmutableArray<IpAddress> Dhcp { get; init; } = [];

    /// <summary>Networks behind the gateway.</summary>
    public ImmutableArray<IpPrefix> Subnets { get; init; } = [];

    /// <summary>Domains for which <see cref="Dns"/> is to be asked (RFC 8598). Printable text.</summary>
    public ImmutableArray<string> DnsDomains { get; init; } = [];

    /// <summary>Of the peer; empty where it does not tell. Printable text.</summary>
    public string ApplicationVersion { get; init; } = "";

    /// <summary>
    /// Reads a CFG_REPLY. Addresses are taken up to the number that was asked for of each family (§3.15.1); what makes no sense (an unspecified,
    /// multicast or loopback address, a netmask with holes, a name that is no text) is left out.
    /// </summary>
    /// <param name="asked">What we asked for.</param>
    public static AssignedConfiguration Read(ConfigurationPayload reply, ImmutableArray<IpAddress> asked) => ReadInformation(reply) with
    {
        Addresses = [.. AddressesOf(reply, isV6: false).Take(asked.Count(address => address.IsV4)),
            .. AddressesOf(reply, isV6: true).Take(asked.Count(address => address.IsV6))],
    };

    /// <summary>Reads a CFG_SET: everything but addresses, which are given on request only.</summary>
    public static AssignedConfiguration ReadInformation(ConfigurationPayload payload) => new()
    {
        Dns = Of(payload, InternalIp4Dns, InternalIp6Dns),
        Nbns = Of(payload, InternalIp4Nbns, InternalIp4Nbns),
        Dhcp = Of(payload, InternalIp4Dhcp, InternalIp6Dhcp),
        Subnets = [.. payload.Attributes.Select(attribute => attribute.TryGetSubnet(out IpPrefix network) ? network : (IpPrefix?)null).OfType<IpPrefix>()
            .Distinct()],
        DnsDomains = [.. payload.Attributes.Where(attribute => attribute.Type == InternalDnsDomain).Select(Text).Where(text => text.Length > 0).Distinct()],
        ApplicationVersion = payload.Attributes.Where(attribute => attribute.Type == ConfigurationAttributeType.ApplicationVersion).Select(Text)
            .FirstOrDefault() ?? "",
    };

    static IEnumerable<AssignedAddress> AddressesOf(ConfigurationPayload reply, bool isV6)
    {
        int netmask = 32;
        foreach (ConfigurationAttribute attribute in reply.Attributes.Where(attribute => attribute.Type == InternalIp4Netmask))
        {
            if (attribute.TryGetNetmask(out int length))
                netmask = length;
        }
        foreach (ConfigurationAttribute attribute in reply.Attributes.Where(attribute => attribute.Type == (isV6 ? InternalIp6Address : InternalIp4Address)))
        {
            if (!attribute.TryGetAddress(out IpAddress address) || !IsUnicast(address))
                continue;
            int length = !isV6 ? netmask : attribute.Value.Length == 17 && attribute.Value.Span[16] is <= 128 and byte given ? given : 128;
            yield return new AssignedAddress(address, length);
        }
    }

    static ImmutableArray<IpAddress> Of(ConfigurationPayload payload, ConfigurationAttributeType v4, ConfigurationAttributeType v6) =>
        [.. payload.Attributes.Where(attribute => attribute.Type == v4 || attribute.Type == v6)
            .Select(attribute => attribute.TryGetAddress(out IpAddress address) && IsUnicast(address) ? address : (IpAddress?)null).OfType<IpAddress>()
                .Distinct()];

    static bool IsUnicast(IpAddress address) => !address.IsUnspecified && (address.IsV6
        ? address.Bits >> 120 != 0xFF && address.Bits != 1
        : (uint)(address.Bits >> 24) is not (0 or 127 or >= 224));

    /// <summary>Text of a peer that may be shown: printable ASCII, or nothing.</summary>
    static string Text(ConfigurationAttribute attribute) =>
        attribute.Value.Length <= MaximumText && !attribute.Value.Span.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E)
            ? Encoding.ASCII.GetString(attribute.Value.Span) : "";

    // RFC 1035 §2.3.4: a name has 253 characters at most.
    const int MaximumText = 253;
}

/// <summary>An address that is ours in a peer's network.</summary>
/// <param name="PrefixLength">Of the network that it is in.</param>
public readonly record struct AssignedAddress(IpAddress Address, int PrefixLength);
