using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Mobility;

/// <summary>Pairs of engines that have MOBIKE and may move.</summary>
static class MobikeRoom
{
    public static readonly IpAddress NewA = IpAddress.Parse("203.0.113.77"), OtherB = IpAddress.Parse("198.51.100.20"), NewA6 = IpAddress.Parse("2001:db8::5");

    public static EnginePair Pair(MobikeOptions? ofA = null, MobikeOptions? ofB = null, IpAddress[]? addressesA = null, IpAddress[]? addressesB = null,
        NatBox? nat = null,
        MessageEditor? hooksA = null, MessageEditor? hooksB = null, TimeSpan deadPeerDetection = default)
    {
        ConnectionConfiguration a = Connections.OfA() with { Mobike = ofA ?? new MobikeOptions(), DeadPeerDetectionDelay = deadPeerDetection };
        // The peer may come from anywhere, and is known by its identity.
        ConnectionConfiguration b = Connections.OfB() with
        {
            Mobike = ofB ?? new MobikeOptions(),
            RemoteAddress = null,
            MayInitiate = false,
            RemoteIdentity = Identity.From(Connections.AddressA),
        };
        return new EnginePair(Connections.EngineA(a) with { LocalAddresses = [.. addressesA ?? [Connections.AddressA]] },
            Connections.EngineB(b) with { LocalAddresses = [.. addressesB ?? [Connections.AddressB]] }, hooksA: hooksA, hooksB: hooksB)
        { Nat = nat };
    }

    public static EnginePair Established(MobikeOptions? ofA = null, MobikeOptions? ofB = null, IpAddress[]? addressesA = null, IpAddress[]? addressesB = null,
        NatBox? nat = null,
        MessageEditor? hooksA = null, MessageEditor? hooksB = null, TimeSpan deadPeerDetection = default)
    {
        EnginePair pair = Pair(ofA, ofB, addressesA, addressesB, nat, hooksA, hooksB, deadPeerDetection);
        pair.Establish();
        return pair;
    }

    public static void MoveA(this EnginePair pair, params IpAddress[] addresses) =>
        pair.Do(room => room.A.Engine.LocalAddressesChanged([.. addresses], room.Now));

    public static IpAddress PeerOfB(this EnginePair pair) => pair.B.Status(pair.Now).IkeSas[0].Path.Remote.Address;

    public static IpAddress EspPeerOfB(this EnginePair pair) => pair.B.OnlyChild.Path.Remote.Address;

    public static void Pass(this EnginePair pair) => pair.Run(TimeSpan.FromSeconds(1));
}
