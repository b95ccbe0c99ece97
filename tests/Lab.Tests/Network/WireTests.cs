using Ipsec.Lab.Network;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Network;

public sealed class WireTests
{
    const int Count = 10_000;

    [Fact]
    public void DeliversInOrderAfterItsDelay()
    {
        Carried carried = Carry(new WireDefinition { Node = "a", Delay = TimeSpan.FromMilliseconds(10) }, 50);
        Assert.Equal(Enumerable.Range(0, 50), carried.Numbers);
        Assert.All(carried.Delays, delay => Assert.Equal(TimeSpan.FromMilliseconds(10), delay));
    }

    [Fact]
    public void IsNeverFasterThanTheMinimum() =>
        Assert.All(Carry(new WireDefinition { Node = "a" }, 5).Delays, delay => Assert.Equal(Wire.MinimumDelay, delay));

    [Fact]
    public void KeepsTheOrderUnderJitter()
    {
        var conditions = new WireDefinition { Node = "a", Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(15) };
        Assert.Equal(Enumerable.Range(0, 1000), Carry(conditions, 1000).Numbers);
    }

    [Fact]
    public void JittersAroundItsDelay()
    {
        var conditions = new WireDefinition { Node = "a", Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(15) };
        Carried carried = Carry(conditions, 1000, pause: TimeSpan.FromSeconds(1));
        Assert.InRange(carried.Delays.Min(), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(10));
        Assert.InRange(carried.Delays.Max(), TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(35));
    }

    // Four standard deviations of a binomial distribution around the mean; the seed is fixed, so the verdict is too.
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    public void LosesTheGivenShare(double loss)
    {
        Carried carried = Carry(new WireDefinition { Node = "a", Loss = loss }, Count);
        double slack = 4 * Math.Sqrt(Count * loss * (1 - loss));
        Assert.InRange(Count - carried.Numbers.Count, Count * loss - slack, Count * loss + slack);
        Assert.Equal(Count - carried.Numbers.Count, carried.Observer.Drops.Count(drop => drop == ("a", DropReason.Lost)));
        Assert.Equal(carried.Numbers.Order(), carried.Numbers);
    }

    [Fact]
    public void LosesEverythingAtOne() => Assert.Empty(Carry(new WireDefinition { Node = "a", Loss = 1 }, 100).Numbers);

    [Fact]
    public void DuplicatesTheGivenShare()
    {
        Carried carried = Carry(new WireDefinition { Node = "a", Duplication = 0.1 }, Count);
        Assert.InRange(carried.Numbers.Count - Count, 880, 1120);
        Assert.Equal(Enumerable.Range(0, Count), carried.Numbers.Distinct());
    }

    [Fact]
    public void ReordersTheGivenShare()
    {
        var conditions = new WireDefinition { Node = "a", Reordering = 0.1, Delay = TimeSpan.FromMilliseconds(1) };
        Carried carried = Carry(conditions, Count);
        Assert.Equal(Enumerable.Range(0, Count), carried.Numbers.Order());
        int overtaken = carried.Numbers.Zip(carried.Numbers.Skip(1)).Count(pair => pair.Second < pair.First);
        Assert.InRange(overtaken, 700, 1100);
    }

    [Fact]
    public void GivesTheSameOrderForTheSameSeedOnly()
    {
        var conditions = new WireDefinition
        {
            Node = "a",
            Loss = 0.2,
            Duplication = 0.2,
            Reordering = 0.3,
            Delay = TimeSpan.FromMilliseconds(5),
            Jitter = TimeSpan.FromMilliseconds(4)
        };
        List<int> first = Carry(conditions, 500, seed: 1).Numbers;
        Assert.Equal(first, Carry(conditions, 500, seed: 1).Numbers);
        Assert.NotEqual(first, Carry(conditions, 500, seed: 2).Numbers);
    }

    [Fact]
    public void DropsWhatIsTooBigAndMustNotBeFragmented()
    {
        var (wire, scheduler, observer, arrived) = Create(new WireDefinition { Node = "a", Mtu = 600 }, 0);
        wire.SendFromNear(Packets.Udp("192.0.2.1:1", "192.0.2.2:2", payloadLength: 573, dontFragment: true));
        wire.SendFromNear(Packets.Udp("[2001:db8::1]:1", "[2001:db8::2]:2", payloadLength: 553));
        scheduler.RunAll();
        Assert.Empty(arrived);
        Assert.Equal([("a", DropReason.TooBig), ("a", DropReason.TooBig)], observer.Drops);
        wire.SendFromNear(Packets.Udp("192.0.2.1:1", "192.0.2.2:2", payloadLength: 572, dontFragment: true));
        scheduler.RunAll();
        Assert.Single(arrived);
    }

    [Fact]
    public void FragmentsWhatMayBeFragmented()
    {
        var (wire, scheduler, _, arrived) = Create(new WireDefinition { Node = "a", Mtu = 600 }, 0);
        byte[] packet = Packets.Udp("192.0.2.1:1", "192.0.2.2:2", payloadLength: 1400);
        wire.SendFromFar(packet);
        scheduler.RunAll();
        Assert.Equal(3, arrived.Count);
        Assert.All(arrived, piece => Assert.InRange(piece.Packet.Length, 1, 600));
        var reassembler = new FragmentReassembler();
        byte[]?[] results = [.. arrived.Select(piece => reassembler.Add(piece.Packet, TimeSpan.Zero))];
        Assert.Null(results[0]);
        Assert.Null(results[1]);
        Assert.Equal(packet, results[2]);
    }

    [Fact]
    public void RecordsAtTheNearEnd()
    {
        var (wire, scheduler, observer, _) = Create(new WireDefinition { Node = "a", Loss = 1 }, 0);
        byte[] sent = Packets.Udp("192.0.2.1:1", "192.0.2.2:2");
        wire.SendFromNear(sent);
        wire.SendFromFar(Packets.Udp("192.0.2.2:2", "192.0.2.1:1"));
        scheduler.RunAll();
        (string name, byte[] recorded) = Assert.Single(observer.Packets);
        Assert.Equal("a", name);
        Assert.Equal(sent, recorded);
    }

    sealed record Carried(List<int> Numbers, List<TimeSpan> Delays, RecordingObserver Observer);

    /// <summary>Sends numbered packets towards the node, by default 100 microseconds apart.</summary>
    static Carried Carry(WireDefinition conditions, int count, ulong seed = 1, TimeSpan? pause = null)
    {
        var (wire, scheduler, observer, arrived) = Create(conditions, seed);
        TimeSpan step = pause ?? TimeSpan.FromMicroseconds(100);
        for (int i = 0; i < count; i++)
        {
            byte[] packet = Packets.Udp("192.0.2.1:1", "192.0.2.2:2", i);
            scheduler.At(i * step, () => wire.SendFromFar(packet));
        }
        scheduler.RunAll();
        List<int> numbers = [.. arrived.Select(item => Packets.NumberOf(item.Packet))];
        return new Carried(numbers, [.. arrived.Select((item, index) => item.At - numbers[index] * step)], observer);
    }

    static (Wire Wire, Scheduler Scheduler, RecordingObserver Observer, List<(TimeSpan At, byte[] Packet)> Arrived) Create(WireDefinition conditions,
        ulong seed)
    {
        var scheduler = new Scheduler();
        var observer = new RecordingObserver();
        var arrived = new List<(TimeSpan At, byte[] Packet)>();
        void Arrive(byte[] packet) => arrived.Add((scheduler.Now, packet));
        var wire = new Wire("a", conditions, scheduler, new SeededRandomSource(seed, "wire a"), observer) { Near = Arrive, Far = Arrive };
        return (wire, scheduler, observer, arrived);
    }
}
