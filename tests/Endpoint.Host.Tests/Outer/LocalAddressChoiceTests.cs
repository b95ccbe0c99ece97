using System.Collections.Immutable;
using Ipsec.EndpointHost.Netlink;
using Ipsec.EndpointHost.Outer;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Tests.Outer;

public class LocalAddressChoiceTests
{
    const int Tun = 9;

    static readonly IpAddress Named = IpAddress.Parse("192.0.2.1"), Wireless = IpAddress.Parse("192.0.2.200"), New = IpAddress.Parse("203.0.113.7"),
        Inside = IpAddress.Parse("10.1.0.1");

    static InterfaceAddress At(IpAddress address, int link = 2, bool isUp = true, bool isGlobal = true) => new(address, link, isGlobal, isUp);

    static LocalAddressChoice Choice(bool mayMove = true) =>
        new([Named], mayMove, [IpPrefix.Parse("10.1.0.0/16")], [At(Named), At(Wireless, 3), At(Inside, 4)]);

    static ImmutableArray<IpAddress> Choose(bool mayMove, params InterfaceAddress[] present) => Choice(mayMove).Choose(present, Tun);

    [Fact]
    public void NamedAddressIsTheOnlyOneAtFirst() => Assert.Equal([Named], Choose(true, At(Named), At(Wireless, 3), At(Inside, 4)));

    [Fact]
    public void AddressThatAppearsIsUsedBesideIt() => Assert.Equal([Named, New], Choose(true, At(New, 5), At(Named), At(Wireless, 3)));

    [Fact]
    public void WhatWasThereFromTheStartIsTheLastResort() => Assert.Equal([Wireless], Choose(true, At(Wireless, 3), At(Inside, 4)));

    [Fact]
    public void InterfaceWithoutCarrierHasNoAddress() => Assert.Equal([New], Choose(true, At(Named, isUp: false), At(New, 5)));

    [Fact]
    public void InnerTentativeAndTunAddressesAreNeverOuter() =>
        Assert.Equal([Named], Choose(true, At(Named), At(IpAddress.Parse("10.1.5.5"), 6), At(IpAddress.Parse("198.51.100.9"), Tun),
            At(IpAddress.Parse("198.51.100.10"), 6, isGlobal: false)));

    [Fact]
    public void GatewayHasNoOtherAddresses() => Assert.Empty(Choose(false, At(New, 5)));

    [Fact]
    public void NamedAddressThatTheMachineNeverHadCannotGo() =>
        Assert.Equal([Named], new LocalAddressChoice([Named], true, [], [At(Wireless, 3)]).Choose([At(Wireless, 3)], Tun));

    [Fact]
    public void NumberIsBounded() =>
        Assert.Equal(LocalAddressChoice.Maximum, Choose(true, [At(Named), .. Enumerable.Range(1, 40).Select(i => At(IpAddress.Parse($"203.0.113.{i}"), 5))])
            .Length);
}
