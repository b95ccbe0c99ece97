namespace Ipsec.Ike.Associations;

/// <summary>What NAT detection found (RFC 7296 §2.23), and whether UDP encapsulation is wanted in any case.</summary>
readonly record struct NatSituation(bool LocalBehindNat, bool RemoteBehindNat, bool Forced)
{
    /// <summary>IKE moves to the NAT traversal port and ESP travels in UDP.</summary>
    public bool UsesUdpEncapsulation => LocalBehindNat || RemoteBehindNat || Forced;

    public override string ToString() => (LocalBehindNat, RemoteBehindNat) switch
    {
        (true, true) => "NAT on both sides",
        (true, false) => "NAT in front of us",
        (false, true) => "NAT in front of the peer",
        _ => Forced ? "no NAT, UDP encapsulation forced" : "no NAT",
    };
}
