using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>From IP datagrams, which RFC 7383 §2.5.1 counts in, to the IKE messages inside them.</summary>
static class FragmentLength
{
    const int UdpHeaderLength = 8;
    const int NonEspMarkerLength = 4;

    /// <summary>Octets of an IKE message in an IP datagram of that many.</summary>
    public static int OfMessage(int datagramLength, NetworkPath path) => datagramLength - Overhead(path);

    /// <summary>Octets of the IP datagram around an IKE message.</summary>
    public static int OfDatagram(int messageLength, NetworkPath path) => messageLength + Overhead(path);

    /// <summary>What every path must carry: the size to fall back to where larger datagrams seem to get lost (RFC 7383 §2.5.1, §2.5.2).</summary>
    public static int Fallback(NetworkPath path) => path.Remote.Address.IsV6 ? 1280 : 576;

    static int Overhead(NetworkPath path) => (path.Remote.Address.IsV6 ? 40 : 20) + UdpHeaderLength
        + (path.Encapsulation == PathEncapsulation.UdpEncapsulated ? NonEspMarkerLength : 0);
}
