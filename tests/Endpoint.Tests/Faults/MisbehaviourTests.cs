using Ipsec.Endpoint.Faults;
using Ipsec.Endpoint.Tests.Room;

namespace Ipsec.Endpoint.Tests.Faults;

/// <summary>One side does something wrong on purpose; the other does what the RFC says and neither throws.</summary>
public sealed class MisbehaviourTests
{
    public static TheoryData<string> Names => [.. MisbehaviourCatalogue.All.Select(entry => entry.Name)];

    /// <summary>Faults of one message that retransmission repairs, or that a receiver ignores.</summary>
    public static TheoryData<string, bool> Survivable
    {
        get
        {
            TheoryData<string, bool> data = [];
            foreach (bool byInitiator in new[] { true, false })
            {
                foreach (string fault in new[]
                {
                    "drop:1", "drop:2", "duplicate:1", "duplicate:2", "duplicate", "delay:1", "delay:2", "truncate:1", "truncate:2", "flip-bit:2",
                    "wrong-spi:2", "wrong-version:1", "wrong-version:2", "wrong-length:1", "wrong-length:2", "append:2",
                    "minor-version", "unknown-payload", "unknown-notify", "unknown-vendor", "reverse-payloads:2", "force-cookie",
                })
                    data.Add(fault, byInitiator);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Survivable))]
    public void TheTunnelComesUpAllTheSame(string fault, bool byInitiator)
    {
        using VirtualRoom room = new();
        (Station west, Station east) = Add(room, fault, byInitiator);

        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established && east.Tunnel("west").State == TunnelState.Established,
            TimeSpan.FromMinutes(2), "the tunnel is up");
        room.RunFor(TimeSpan.FromSeconds(20));

        room.AssertCarries(west, east);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryMisbehaviourForeverOfEitherSideIsBorne(string fault)
    {
        foreach (bool byInitiator in new[] { true, false })
        {
            using VirtualRoom room = new();
            (Station west, Station east) = Add(room, fault, byInitiator);
            room.RunFor(TimeSpan.FromMinutes(5));
            west.Command((endpoint, now) => endpoint.RekeyChild("east", null, now));
            east.Command((endpoint, now) => endpoint.RekeyIke("west", now));
            room.RunFor(TimeSpan.FromMinutes(5));

            // Never more than the work of the RFC: a few datagrams per attempt, and attempts keep their distance.
            Assert.InRange(room.Sent.Count, 0, 2000);
            // At most one tunnel, whatever was tried.
            Assert.InRange(east.Tunnel("west").ChildSas.Length, 0, 2);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryMisbehaviourShowsOnTheWire(string fault)
    {
        using VirtualRoom faulty = new();
        using VirtualRoom plain = new();
        Add(faulty, fault, byInitiator: false);
        Add(plain, "drop:1000", byInitiator: false);
        foreach (VirtualRoom room in new[] { faulty, plain })
            room.RunFor(TimeSpan.FromSeconds(30));

        Assert.NotEqual(plain.Sent.Select(packet => Convert.ToHexString(packet.Payload)), faulty.Sent.Select(packet => Convert.ToHexString(packet.Payload)));
    }

    [Fact]
    public void ACriticalUnknownPayloadIsRefusedByName()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = Add(room, "critical-unknown-payload:1", byInitiator: true);
        room.RunFor(TimeSpan.FromSeconds(2));

        Assert.Contains(east.Status.Counters, counter => counter.Key.Contains("critical", StringComparison.Ordinal) && counter.Value > 0);
        Assert.NotEqual(TunnelState.Established, west.Tunnel("east").State);
    }

    [Fact]
    public void AForcedCookieIsReturned()
    {
        using VirtualRoom room = new();
        (Station west, _) = Add(room, "force-cookie", byInitiator: false);
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(1), "the tunnel is up");

        Assert.Equal(6, room.Sent.Count(packet => packet.IsIke));
    }

    [Theory]
    [InlineData("drop", null)]
    [InlineData("drop:3", null)]
    [InlineData("drop:0", "from 1")]
    [InlineData("drop:x", "from 1")]
    [InlineData("drop:1:2", "from 1")]
    [InlineData("explode", "force-cookie")]
    public void NamesAreReadOrRefusedInOneSentence(string text, string? error)
    {
        bool made = MisbehaviourCatalogue.TryCreate(text, out Misbehaviour? misbehaviour, out string? sentence);
        Assert.Equal(error is null, made);
        if (error is null)
            Assert.Equal(text, misbehaviour!.Name);
        else
            Assert.Contains(error, sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryEntryHasItsOwnNameAndADescription()
    {
        Assert.Equal(MisbehaviourCatalogue.All.Length, MisbehaviourCatalogue.All.Select(entry => entry.Name).Distinct().Count());
        Assert.All(MisbehaviourCatalogue.All, entry => Assert.NotEmpty(entry.Description));
    }

    static (Station West, Station East) Add(VirtualRoom room, string fault, bool byInitiator)
    {
        Assert.True(MisbehaviourCatalogue.TryCreate(fault, out Misbehaviour? misbehaviour, out string? error), error);
        Station west = byInitiator ? room.Add(misbehaviour.Configure(Sites.West()), 1, hooks: misbehaviour) : room.Add(Sites.West(), 1);
        Station east = byInitiator ? room.Add(Sites.East(), 2) : room.Add(misbehaviour.Configure(Sites.East()), 2, hooks: misbehaviour);
        room.Start();
        return (west, east);
    }
}
