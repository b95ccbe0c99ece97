using Ipsec.Lab.Hosts;
using Ipsec.Lab.Hosts.Tcp;
using Ipsec.Lab.Network;
using Ipsec.Lab.Tests.Support;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Hosts.Tcp;

/// <summary>Two hosts, a link between them that does what a test says, and what passed over it.</summary>
sealed class TcpLink
{
    static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(10);

    readonly SeededRandomSource _random;

    public TcpLink(string left = "10.1.0.4", string right = "10.2.0.10", ulong seed = 1)
    {
        _random = new SeededRandomSource(seed, "link");
        Left = new VirtualHost("left", IpAddress.Parse(left), 1, Scheduler, packet => Carry(packet, () => Right!));
        Right = new VirtualHost("right", IpAddress.Parse(right), 2, Scheduler, packet => Carry(packet, () => Left));
    }

    public Scheduler Scheduler { get; } = new();
    public VirtualHost Left { get; }
    public VirtualHost Right { get; }
    public List<TcpSegment> Passed { get; } = [];

    public double Loss { get; set; }
    public double Duplication { get; set; }
    public double Reordering { get; set; }

    /// <summary>The next router takes no larger packets, and says so.</summary>
    public int Mtu { get; set; } = VirtualHost.InterfaceMtu;

    /// <summary>False loses the segment.</summary>
    public Func<TcpSegment, bool> Lets { get; set; } = _ => true;

    public int Dropped { get; private set; }

    bool Draw(double chance)
    {
        Span<byte> octets = stackalloc byte[4];
        _random.Fill(octets);
        return BitConverter.ToUInt32(octets) < chance * uint.MaxValue;
    }

    void Carry(byte[] packet, Func<VirtualHost> to)
    {
        IpPacket.TryParse(packet, out IpPacket view);
        if (packet.Length > Mtu)
        {
            VirtualHost sender = to() == Left ? Right : Left;
            byte[] error = TooBig(packet, view, Mtu);
            Scheduler.After(Delay, () => sender.Receive(error));
            Dropped++;
            return;
        }
        if (TcpSegment.TryParse(view) is TcpSegment segment)
        {
            Passed.Add(segment);
            if (!Lets(segment))
            {
                Dropped++;
                return;
            }
        }
        if (Draw(Loss))
        {
            Dropped++;
            return;
        }
        Scheduler.After(Draw(Reordering) ? 3 * Delay : Delay, () => to().Receive(packet));
        if (Draw(Duplication))
            Scheduler.After(2 * Delay, () => to().Receive([.. packet]));
    }

    static byte[] TooBig(byte[] packet, in IpPacket view, int mtu)
    {
        // RFC 1191 §4, RFC 4443 §3.2: type, code, checksum, MTU in the last word, and the packet that was refused.
        bool isV6 = view.IsV6;
        byte[] message = [isV6 ? (byte)2 : (byte)3, isV6 ? (byte)0 : (byte)4, 0, 0, 0, 0, (byte)(mtu >> 8), (byte)mtu,
            .. packet[..Math.Min(packet.Length, isV6 ? 1000 : 28)]];
        byte protocol = isV6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp;
        uint pseudo = isV6 ? InternetChecksum.PseudoHeader(view.Destination, view.Source, protocol, message.Length) : 0;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Compute(message, pseudo));
        return IpPacketWriter.Packet(view.Destination, view.Source, protocol, message);
    }
}
