using System.Text;
using Ipsec.Net;

namespace Ipsec.Ike.Wire;

/// <summary>
/// A gateway as REDIRECT and REDIRECTED_FROM name it, RFC 5685 §9.2 and §9.3: an address or a DNS name. It is the content of a Notify payload;
/// only a REDIRECT in IKE_SA_INIT has the initiator's nonce behind it.
/// </summary>
public sealed record RedirectTarget
{
    //  | GW Ident Type |  GW Ident Len |  GW Identity ...  |  Nonce Data ... |
    const byte Ipv4 = 1;
    const byte Ipv6 = 2;
    const byte Fqdn = 3;

    RedirectTarget(IpAddress? address, string? name) => (Address, Name) = (address, name);

    /// <summary>Null where the gateway is named by <see cref="Name"/>.</summary>
    public IpAddress? Address { get; }

    /// <summary>A DNS name; null where there is an address.</summary>
    public string? Name { get; }

    public static RedirectTarget Of(IpAddress address) => new(address, null);

    /// <summary>An address or a DNS name as a user writes it; null for text that is neither.</summary>
    public static RedirectTarget? Parse(string text) =>
        IpAddress.TryParse(text, out IpAddress address) ? Of(address) : IsName(text) ? new RedirectTarget(null, text) : null;

    /// <summary>Null for what is no gateway: a wrong length, an unknown type, a name that no DNS has, a nonce of a length that no nonce has.</summary>
    /// <param name="nonce">Empty where there is none.</param>
    internal static RedirectTarget? TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> nonce)
    {
        nonce = default;
        var reader = new OctetReader(data);
        byte type = reader.U8();
        ReadOnlySpan<byte> identity = reader.Take(reader.U8());
        nonce = reader.TakeRest();
        // RFC 7296 §3.9: 16 to 256 octets.
        if (!reader.IsValid || nonce.Length is > 0 and (< 16 or > 256))
            return null;
        return (type, identity.Length) switch
        {
            (Ipv4, 4) or (Ipv6, 16) => Of(IpAddress.FromBytes(identity)) is { Address.IsUnspecified: false } target ? target : null,
            (Fqdn, > 0) when !identity.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E) && Encoding.ASCII.GetString(identity) is string name && IsName(name)
                => new RedirectTarget(null, name),
            _ => null,
        };
    }

    /// <param name="nonce">The initiator's, in IKE_SA_INIT; otherwise empty.</param>
    internal NotifyPayload ToNotify(NotifyType type, ReadOnlySpan<byte> nonce = default)
    {
        byte[] identity = Address?.ToByteArray() ?? Encoding.ASCII.GetBytes(Name!);
        byte kind = Address is IpAddress address ? address.IsV6 ? Ipv6 : Ipv4 : Fqdn;
        return new NotifyPayload(type, (byte[])[kind, (byte)identity.Length, .. identity, .. nonce]);
    }

    public override string ToString() => Address?.ToString() ?? Name!;

    // RFC 1035 §2.3.4: labels of 63 octets at most, 253 characters in all; letters, digits and hyphens, and the underscore that many use.
    static bool IsName(string text)
    {
        if (text.Length is 0 or > 253)
            return false;
        foreach (string label in text.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || !label.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
                return false;
        }
        return true;
    }
}
