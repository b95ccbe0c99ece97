using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts.Http;
using Ipsec.Lab.Hosts.Tcp;
using Ipsec.Lab.Tests.Support;

namespace Ipsec.Lab.Tests.Hosts.Tcp;

public class HttpFetchTests
{
    [Theory]
    [InlineData("10.1.0.4", "10.2.0.10", 0)]
    [InlineData("10.1.0.4", "10.2.0.10", 1)]
    [InlineData("10.1.0.4", "10.2.0.10", 1_460)]
    [InlineData("10.1.0.4", "10.2.0.10", 1_000_000)]
    [InlineData("fd00:1::4", "fd00:2::10", 100_000)]
    public void EveryOctetArrives(string left, string right, int octets)
    {
        var link = new TcpLink(left, right);
        FetchOutcome outcome = Fetch(link, octets);
        Assert.Null(outcome.Problem);
        Assert.Equal(0, link.Dropped);
        Assert.Equal((0, 0), (link.Left.Tcp.Count, link.Right.Tcp.Count));
    }

    [Theory]
    [InlineData(0.02, 0, 0)]
    [InlineData(0.2, 0, 0)]
    [InlineData(0, 0.3, 0.3)]
    [InlineData(0.1, 0.1, 0.1)]
    public void EveryOctetArrivesOverABadLink(double loss, double duplication, double reordering)
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var link = new TcpLink(seed: seed) { Loss = loss, Duplication = duplication, Reordering = reordering };
            FetchOutcome outcome = Fetch(link, 100_000);
            Assert.True(outcome.Problem is null, $"seed {seed}: {outcome.Problem}");
            Assert.Equal(loss > 0, link.Dropped > 0);
            Assert.Equal((0, 0), (link.Left.Tcp.Count, link.Right.Tcp.Count));
        }
    }

    [Theory]
    [InlineData("10.1.0.4", "10.2.0.10", 1400)]
    [InlineData("10.1.0.4", "10.2.0.10", 576)]
    [InlineData("fd00:1::4", "fd00:2::10", 1280)]
    public void LearnsThePathMtuFromARouter(string left, string right, int mtu)
    {
        var link = new TcpLink(left, right) { Mtu = mtu };
        FetchOutcome outcome = Fetch(link, 200_000);
        Assert.Null(outcome.Problem);
        Assert.InRange(link.Dropped, 1, 12);
        Assert.Equal(mtu - (left.Contains(':') ? 60 : 40), link.Passed.Max(segment => segment.Data.Length));
    }

    [Fact]
    public void ASingleLossIsRepairedWithoutWaitingForTheTimer()
    {
        var link = new TcpLink();
        int count = 0;
        link.Lets = segment => segment.Data.Length == 0 || ++count != 8;
        FetchOutcome outcome = Fetch(link, 100_000);
        Assert.Null(outcome.Problem);
        Assert.Equal(1, link.Dropped);
        Assert.InRange(outcome.Time.TotalMilliseconds, 0, 250);
    }

    [Fact]
    public void TheWindowOfCongestionGrowsAndShrinks()
    {
        var clean = new TcpLink();
        var lossy = new TcpLink { Loss = 0.05 };
        Assert.InRange(Fetch(lossy, 500_000).Time / Fetch(clean, 500_000).Time, 2, 1000);
    }

    [Fact]
    public void AHostThatDoesNotAnswerIsGivenUpInTime()
    {
        var link = new TcpLink { Lets = _ => false };
        FetchOutcome outcome = Fetch(link, 1, TimeSpan.FromSeconds(5));
        Assert.Equal("no connection, or no answer, in time", outcome.Problem);
        Assert.Equal(TimeSpan.FromSeconds(5), outcome.Time);
        Assert.Equal(0, link.Left.Tcp.Count);
    }

    [Fact]
    public void AnAnswerThatBreaksOffIsToldInOctets()
    {
        var link = new TcpLink();
        int sent = 0;
        link.Lets = segment => (sent += segment.Data.Length) < 20_000;
        Assert.Matches("^[0-9]+ of 100000 octets came in time$", Fetch(link, 100_000, TimeSpan.FromSeconds(5)).Problem);
    }

    [Fact]
    public void OctetsThatAreOthersAreNoticed()
    {
        var link = new TcpLink();
        link.Right.Tcp.Listen(OctetRequest.Port, () => new WrongServer());
        Assert.Equal("octet 3 is not what was sent", Fetch(link, 5).Problem);
    }

    [Fact]
    public void APathThatIsNotServedIsRefused()
    {
        var link = new TcpLink();
        Assert.Equal("the answer is HTTP/1.0 404 Not Found", Fetch(link, OctetRequest.MostOctets + 1).Problem);
    }

    static FetchOutcome Fetch(TcpLink link, int octets, TimeSpan? timeout = null)
    {
        List<FetchOutcome> outcomes = [];
        HttpFetch.Begin(link.Left.Tcp, link.Right.Address, octets, timeout ?? TimeSpan.FromMinutes(10), link.Scheduler, outcomes.Add);
        link.Scheduler.RunAll();
        return Assert.Single(outcomes);
    }

    sealed class WrongServer : ITcpOwner
    {
        public void Received(TcpConnection connection, ReadOnlySpan<byte> data)
        {
            connection.Send("HTTP/1.0 200 OK\r\n\r\n"u8);
            connection.Send([0, 1, 2, 9, 4]);
            connection.Finish();
        }

        public void PeerFinished(TcpConnection connection)
        {
        }

        public void Closed(TcpConnection connection, TcpEnd end)
        {
        }
    }
}
