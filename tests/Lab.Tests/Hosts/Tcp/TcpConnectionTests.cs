using Ipsec.Lab.Hosts.Tcp;
using Ipsec.Lab.Tests.Support;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Hosts.Tcp;

public class TcpConnectionTests
{
    const ushort Port = 179;

    readonly TcpLink _link = new();
    readonly Recorder _client = new();
    readonly Recorder _server = new();

    [Fact]
    public void BothSidesSpeakAndEnd()
    {
        TcpConnection client = Open();
        client.Send("ping"u8);
        _server.Connection!.Send("pong"u8);
        Pass(1);
        Assert.Equal(("pong", "ping"), (_client.Text, _server.Text));

        client.Finish();
        Pass(1);
        Assert.Equal((TcpState.FinWait2, TcpState.CloseWait), (client.State, _server.Connection.State));
        Assert.True(_server.HasPeerFinished);
        // A half-open connection still carries data the other way (RFC 9293 §3.6).
        _server.Connection.Send(" and more"u8);
        _server.Connection.Finish();
        Pass(1);
        Assert.Equal("pong and more", _client.Text);
        Assert.Equal((TcpState.TimeWait, TcpEnd.Finished), (client.State, _server.End));
        Pass(61);
        Assert.Equal(TcpEnd.Finished, _client.End);
        Assert.Equal((0, 0), (_link.Left.Tcp.Count, _link.Right.Tcp.Count));
    }

    [Fact]
    public void BothSidesMayEndAtOnce()
    {
        TcpConnection client = Open();
        client.Finish();
        _server.Connection!.Finish();
        Pass(1);
        Assert.Equal((TcpState.TimeWait, TcpState.TimeWait), (client.State, _server.Connection.State));
        Pass(61);
        Assert.Equal((TcpEnd.Finished, TcpEnd.Finished), (_client.End, _server.End));
    }

    [Fact]
    public void APortWithoutAListenerRefuses()
    {
        _link.Left.Tcp.Connect(new TransportAddress(_link.Right.Address, 22), _client);
        Pass(1);
        Assert.Equal(TcpEnd.Refused, _client.End);
    }

    [Fact]
    public void AnAbortResetsThePeer()
    {
        TcpConnection client = Open();
        client.Abort();
        Pass(1);
        Assert.Equal((TcpEnd.Aborted, TcpEnd.Reset), (_client.End, _server.End));
    }

    [Fact]
    public void AConnectionOfAHostThatHasForgottenItIsReset()
    {
        TcpConnection client = Open();
        _link.Lets = segment => segment.SourcePort == Port;
        _server.Connection!.Abort();
        Pass(1);
        _link.Lets = _ => true;
        client.Send("still there?"u8);
        Pass(5);
        Assert.Equal(TcpEnd.Reset, _client.End);
    }

    [Fact]
    public void AResetThatIsNotExactlyInPlaceIsOnlyAnswered()
    {
        TcpConnection client = Open();
        int before = _link.Passed.Count;
        TcpSegment last = _link.Passed.Last(segment => segment.SourcePort == Port);
        // RFC 5961 §3: one octet beside.
        Inject(last with { Flags = TcpFlags.Rst, Sequence = last.Sequence + 2, MaximumSegmentSize = null, Data = default });
        Pass(1);
        Assert.Equal(TcpState.Established, client.State);
        Assert.Equal(TcpFlags.Ack, Assert.Single(_link.Passed.Skip(before)).Flags);
        Inject(last with { Flags = TcpFlags.Rst, Sequence = last.Sequence + 1, MaximumSegmentSize = null, Data = default });
        Assert.Equal(TcpEnd.Reset, _client.End);
    }

    [Fact]
    public void ASynInAnOpenConnectionIsOnlyAnswered()
    {
        TcpConnection client = Open();
        TcpSegment syn = _link.Passed.First(segment => segment.SourcePort == Port);
        Inject(syn with { Sequence = syn.Sequence + 1 });
        Pass(1);
        Assert.Equal(TcpState.Established, client.State);
    }

    [Fact]
    public void APeerThatIsGoneIsGivenUp()
    {
        TcpConnection client = Open();
        _link.Lets = _ => false;
        client.Send("hello?"u8);
        _link.Scheduler.RunAll();
        Assert.Equal(TcpEnd.TimedOut, _client.End);
        Assert.Equal(0, _link.Left.Tcp.Count);
    }

    [Fact]
    public void AClosedWindowIsProbedUntilItOpens()
    {
        TcpConnection client = Open();
        TcpSegment last = _link.Passed.Last(segment => segment.SourcePort == Port);
        TcpSegment closed = last with
        {
            Flags = TcpFlags.Ack,
            Sequence = last.Sequence + 1,
            Acknowledgment = _link.Passed[0].Sequence + 1,
            Window = 0,
            MaximumSegmentSize = null,
            Data = default
        };
        Inject(closed);
        int before = _link.Passed.Count;
        _link.Lets = segment => segment.Data.Length != 1;
        client.Send("0123456789"u8);
        Pass(20);
        TcpSegment[] probes = [.. _link.Passed.Skip(before)];
        Assert.InRange(probes.Length, 3, 12);
        Assert.All(probes, probe => Assert.Equal(1, probe.Data.Length));
        _link.Lets = _ => true;
        Inject(closed with { Window = 1000 });
        Pass(5);
        Assert.Equal("0123456789", _server.Text);
    }

    TcpConnection Open()
    {
        _link.Right.Tcp.Listen(Port, () => _server);
        TcpConnection client = _link.Left.Tcp.Connect(new TransportAddress(_link.Right.Address, Port), _client);
        Pass(1);
        Assert.Equal((TcpState.Established, TcpState.Established), (client.State, _server.Connection!.State));
        return client;
    }

    void Inject(TcpSegment segment) =>
        _link.Left.Receive(IpPacketWriter.Packet(_link.Right.Address, _link.Left.Address, IpProtocol.Tcp,
            segment.Write(_link.Right.Address, _link.Left.Address)));

    void Pass(int seconds)
    {
        TimeSpan until = _link.Scheduler.Now + TimeSpan.FromSeconds(seconds);
        while (_link.Scheduler.TryRunNext(until))
        {
        }
        _link.Scheduler.AdvanceTo(until);
    }

    sealed class Recorder : ITcpOwner
    {
        readonly List<byte> _received = [];

        public TcpConnection? Connection { get; private set; }
        public string Text => System.Text.Encoding.ASCII.GetString([.. _received]);
        public bool HasPeerFinished { get; private set; }
        public TcpEnd? End { get; private set; }

        public void Connected(TcpConnection connection) => Connection = connection;

        public void Received(TcpConnection connection, ReadOnlySpan<byte> data) => _received.AddRange(data);

        public void PeerFinished(TcpConnection connection) => HasPeerFinished = true;

        public void Closed(TcpConnection connection, TcpEnd end) => End = end;
    }
}
