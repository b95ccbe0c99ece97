using Ipsec.Ike.Addresses;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Addresses;

public class LeasedPoolTests
{
    static readonly Identity Alice = Identity.Parse("alice.example");
    static readonly Identity Bob = Identity.Parse("bob.example");
    static readonly Identity Carol = Identity.Parse("carol.example");

    [Fact]
    public void GivesEachIdentityAnAddressOfItsOwnUntilThereIsNone()
    {
        LeasedPool pool = Pool("10.3.0.1", "10.3.0.2");
        Assert.Equal("10.3.0.1", Acquire(pool, Alice)?.Address.ToString());
        Assert.Equal("10.3.0.2", Acquire(pool, Bob)?.Address.ToString());
        Assert.Null(Acquire(pool, Carol));
        Assert.Equal(2, pool.Held);
    }

    [Fact]
    public void OffersAnIdentityTheAddressThatItHad()
    {
        LeasedPool pool = Pool("10.3.0.1", "10.3.0.9");
        AddressLease first = Acquire(pool, Alice)!;
        pool.Release(first);
        Assert.Equal("10.3.0.2", Acquire(pool, Bob)?.Address.ToString());
        Assert.Same(first, Acquire(pool, Alice));
    }

    [Fact]
    public void TakesTheAddressThatWasGivenBackLongestAgoWhenNoneIsFresh()
    {
        LeasedPool pool = Pool("10.3.0.1", "10.3.0.2");
        AddressLease alice = Acquire(pool, Alice)!;
        AddressLease bob = Acquire(pool, Bob)!;
        pool.Release(bob);
        pool.Release(alice);
        Assert.Equal("10.3.0.2", Acquire(pool, Carol)?.Address.ToString());
        Assert.Equal("10.3.0.1", Acquire(pool, Bob)?.Address.ToString());
        Assert.Null(Acquire(pool, Alice));
    }

    [Fact]
    public void GivesAnAddressThatIsWantedAndFree()
    {
        LeasedPool pool = Pool("10.3.0.1", "10.3.0.9");
        Assert.Equal("10.3.0.5", Acquire(pool, Alice, "10.3.0.5")?.Address.ToString());
        Assert.Equal("10.3.0.1", Acquire(pool, Bob, "10.3.0.5")?.Address.ToString());
        Assert.Equal("10.3.0.2", Acquire(pool, Carol, "10.4.0.5")?.Address.ToString());
    }

    [Fact]
    public void SharesAnAddressOnlyWithWhoTakesItOver()
    {
        LeasedPool pool = Pool("10.3.0.1", "10.3.0.9");
        AddressLease older = Acquire(pool, Alice)!;
        Assert.NotSame(older, Acquire(pool, Alice));
        Assert.Same(older, pool.Acquire(Alice, null, mayShare: true, []));
        pool.Release(older);
        Assert.Equal(2, pool.Held);
        pool.Release(older);
        Assert.Equal(1, pool.Held);
    }

    [Fact]
    public void GivesSeveralAddressesToOneAsker()
    {
        LeasedPool pool = Pool("10.3.0.1", "10.3.0.9");
        AddressLease first = Acquire(pool, Alice)!;
        Assert.NotSame(first, pool.Acquire(Alice, null, mayShare: true, [first]));
    }

    [Fact]
    public void EndsAtTheLastAddressThereIs()
    {
        LeasedPool pool = Pool("255.255.255.255", "255.255.255.255");
        Assert.NotNull(Acquire(pool, Alice));
        Assert.Null(Acquire(pool, Bob));
        LeasedPool six = Pool("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        Assert.NotNull(Acquire(six, Alice));
        Assert.Null(Acquire(six, Bob));
    }

    [Fact]
    public void RemembersNoMoreIdentitiesThanItsBound()
    {
        LeasedPool pool = Pool("2001:db8::1", "2001:db8::ffff:ffff");
        for (int i = 0; i < LeasedPool.MaximumRemembered + 100; i++)
            pool.Release(Acquire(pool, Identity.Fqdn($"host{i}.example"))!);
        Assert.Equal(IpAddress.Parse("2001:db8::1").Plus((UInt128)100), Acquire(pool, Identity.Fqdn("another.example"))!.Address);
    }

    [Fact]
    public void AddressInUseIsNotGivenAgainAfterTheRangeChanged()
    {
        var table = new AddressPoolTable();
        table.Apply([Range("10.3.0.1", "10.3.0.2")]);
        AddressLease alice = Acquire(table.Find(["clients"])[0], Alice)!;
        AddressLease bob = Acquire(table.Find(["clients"])[0], Bob)!;
        bob.Pool.Release(bob);
        table.Apply([Range("10.3.0.1", "10.3.0.9")]);
        LeasedPool pool = table.Find(["clients"])[0];
        Assert.Equal("10.3.0.3", Acquire(pool, Carol)?.Address.ToString());
        Assert.Equal("10.3.0.4", Acquire(pool, Carol, "10.3.0.1")?.Address.ToString());
        Assert.Equal("10.3.0.2", Acquire(pool, Bob)?.Address.ToString());
        alice.Pool.Release(alice);
        Assert.Equal("10.3.0.1", Acquire(pool, Alice)?.Address.ToString());
    }

    [Fact]
    public void AddressOutsideOfANewRangeIsForgottenOnceItIsGivenBack()
    {
        var table = new AddressPoolTable();
        table.Apply([Range("10.3.0.1", "10.3.0.2")]);
        AddressLease alice = Acquire(table.Find(["clients"])[0], Alice)!;
        AddressLease bob = Acquire(table.Find(["clients"])[0], Bob)!;
        bob.Pool.Release(bob);
        table.Apply([Range("10.3.0.5", "10.3.0.5")]);
        LeasedPool pool = table.Find(["clients"])[0];
        Assert.Equal("10.3.0.5", pool.Acquire(Alice, null, mayShare: true, [])?.Address.ToString());
        alice.Pool.Release(alice);
        Assert.Null(Acquire(pool, Bob));
        Assert.Null(Acquire(pool, Carol));
        Assert.Equal(1, pool.Held);
    }

    [Fact]
    public void PoolsThatOverlapGiveNoAddressTwice()
    {
        var table = new AddressPoolTable();
        table.Apply([Range("10.3.0.1", "10.3.0.2"), Range("10.3.0.1", "10.3.0.3", "guests")]);
        LeasedPool clients = table.Find(["clients"])[0], guests = table.Find(["guests"])[0];
        AddressLease alice = Acquire(clients, Alice)!;
        AddressLease bob = Acquire(guests, Bob)!;
        Assert.Equal(["10.3.0.1", "10.3.0.2"], [alice.Address.ToString(), bob.Address.ToString()]);
        Assert.Equal("10.3.0.3", Acquire(guests, Carol, "10.3.0.1")?.Address.ToString());
        Assert.Null(Acquire(guests, Alice));
        Assert.Null(Acquire(clients, Carol));
        // What the other pool gave back is there again, also what was passed over; what it has given meanwhile is not.
        clients.Release(alice);
        Assert.Equal("10.3.0.1", Acquire(guests, Alice)?.Address.ToString());
        Assert.Null(Acquire(clients, Alice));
        guests.Release(bob);
        Assert.Equal("10.3.0.2", Acquire(clients, Alice)?.Address.ToString());
        Assert.Null(Acquire(guests, Bob));
    }

    static AddressPool Range(string first, string last, string name = "clients") =>
        new() { Name = name, Addresses = new IpAddressRange(IpAddress.Parse(first), IpAddress.Parse(last)) };

    static LeasedPool Pool(string first, string last) =>
        new(Range(first, last), []);

    static AddressLease? Acquire(LeasedPool pool, Identity identity, string? wanted = null) =>
        pool.Acquire(identity, wanted is null ? null : IpAddress.Parse(wanted), mayShare: false, []);
}
