using System.Globalization;
using System.Text;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts.Tcp;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts.Http;

/// <summary>One fetch of so many octets from another virtual host, every one of them compared.</summary>
sealed class HttpFetch : ITcpOwner
{
    const int LongestHead = 2048;

    readonly Scheduler _scheduler;
    readonly TimeSpan _started;
    readonly int _octets;
    readonly Action<FetchOutcome> _completed;
    readonly StringBuilder _head = new();
    readonly TcpTimer _patience;
    readonly TcpConnection _connection;
    int _received = -1;
    string? _problem;
    bool _isOver;

    HttpFetch(TcpStack from, TransportAddress to, int octets, TimeSpan timeout, Scheduler scheduler, Action<FetchOutcome> completed)
    {
        _scheduler = scheduler;
        _started = scheduler.Now;
        _octets = octets;
        _completed = completed;
        _patience = new TcpTimer(scheduler, GiveUp);
        _patience.Start(timeout);
        _connection = from.Connect(to, this);
    }

    /// <summary>Exactly one outcome follows, after <paramref name="timeout"/> at the latest.</summary>
    public static void Begin(TcpStack from, IpAddress to, int octets, TimeSpan timeout, Scheduler scheduler, Action<FetchOutcome> completed) =>
        _ = new HttpFetch(from, new TransportAddress(to, OctetRequest.Port), octets, timeout, scheduler, completed);

    void ITcpOwner.Connected(TcpConnection connection) => connection.Send(OctetRequest.Write(connection.Remote.Address.ToString(), _octets));

    public void Received(TcpConnection connection, ReadOnlySpan<byte> data)
    {
        if (_received < 0)
            ReadHead(ref data);
        foreach (byte octet in data)
        {
            if (octet != OctetRequest.PatternAt(_received++))
                _problem ??= FormattableString.Invariant($"octet {_received - 1} is not what was sent");
        }
    }

    public void PeerFinished(TcpConnection connection)
    {
        connection.Finish();
        Complete(_problem ?? (_received == _octets ? null : FormattableString.Invariant($"{Math.Max(_received, 0)} of {_octets} octets came")));
    }

    public void Closed(TcpConnection connection, TcpEnd end) => Complete(end switch
    {
        TcpEnd.Refused => "the connection was refused",
        TcpEnd.Reset => "the connection was reset",
        _ => "the connection timed out",
    });

    void ReadHead(ref ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && _received < 0)
        {
            _head.Append((char)data[0]);
            data = data[1..];
            if (_head.Length >= 4 && _head.ToString(_head.Length - 4, 4) == "\r\n\r\n")
                _received = 0;
            else if (_head.Length > LongestHead)
                _problem = "the answer is no HTTP";
        }
        if (_received == 0 && !_head.ToString().StartsWith("HTTP/1.0 200 ", StringComparison.Ordinal))
            _problem = $"the answer is {_head.ToString().Split('\r')[0]}";
    }

    void GiveUp()
    {
        string text = _received < 0 ? "no connection, or no answer, in time"
            : string.Create(CultureInfo.InvariantCulture, $"{_received} of {_octets} octets came in time");
        Complete(text);
        _connection.Abort();
    }

    void Complete(string? problem)
    {
        if (_isOver)
            return;
        _isOver = true;
        _patience.Stop();
        _completed(new FetchOutcome(_octets, _scheduler.Now - _started, problem));
    }
}
