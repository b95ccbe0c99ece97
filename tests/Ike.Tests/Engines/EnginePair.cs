using System.Security.Cryptography;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>
/// Two engines in a room, and the test holds the clock. Every message has a name as it passes, "A IKE_AUTH request 1"; tests drop, duplicate,
/// hold back and count messages by name.
/// </summary>
sealed class EnginePair : IDisposable
{
    readonly List<Flight> _flights = [];
    readonly Dictionary<string, string> _names = [];
    readonly List<(Func<string, bool> Match, Fate Fate, int Times)> _rules = [];
    ulong _flightCount;
    (int Length, Fate Fate) _longer = (int.MaxValue, Fate.Deliver);

    public EnginePair(IkeEngineConfiguration a, IkeEngineConfiguration b, ulong seed = 1, IMessageHooks? hooksA = null, IMessageHooks? hooksB = null)
    {
        A = new EngineNode("A", a, seed * 2, 0xA0000001, hooksA);
        B = new EngineNode("B", b, seed * 2 + 1, 0xB0000001, hooksB);
    }

    public enum Fate
    {
        Deliver,
        Drop,
        Duplicate,

        /// <summary>Arrives half a second late, behind what was sent after it.</summary>
        Delay,
    }

    public EngineNode A { get; }
    public EngineNode B { get; }
    public Instant Now { get; private set; } = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>A NAT in front of A: what B sees of A.</summary>
    public NatBox? Nat { get; set; }

    /// <summary>Which paths lead to the other side.</summary>
    public Func<NetworkPath, bool> Reaches { get; set; } = _ => true;

    /// <summary>Names of all messages in the order in which they were sent, retransmissions and repeated replies included.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>Every datagram sent, for comparing runs.</summary>
    public List<byte[]> Datagrams { get; } = [];

    /// <summary>Nothing is signed at once: the test does what is in <see cref="EngineNode.Signatures"/>, or does not.</summary>
    public bool HoldsSignatures { get; set; }

    public int Keepalives { get; private set; }

    /// <summary>What a calendar says from here on; timers do not notice.</summary>
    public void SetUtc(DateTimeOffset utc) => Now = new Instant(Now.Monotonic, utc);

    public void When(string name, Fate fate, int times = 1) => When(candidate => candidate == name, fate, times);

    public void When(Func<string, bool> match, Fate fate, int times = int.MaxValue) => _rules.Add((match, fate, times));

    /// <summary>What becomes of every datagram with a longer IKE message: a path with a smaller MTU than anybody thinks.</summary>
    public void WhenLonger(int length, Fate fate) => _longer = (length, fate);

    public void ClearRules() => _rules.Clear();

    public void Do(Action<EnginePair> action)
    {
        action(this);
        Drain();
    }

    public void Run(TimeSpan duration) => Run(duration, () => false);

    /// <summary>Lets time pass until the condition holds; false if it never did.</summary>
    public bool Run(TimeSpan duration, Func<bool> until)
    {
        TimeSpan end = Now.Monotonic + duration;
        Drain();
        while (!until())
        {
            TimeSpan? next = Earliest();
            if (next is not TimeSpan due || due > end)
            {
                Advance(end);
                return until();
            }
            Advance(due);
            Flight? flight = _flights.OrderBy(candidate => candidate.Due).ThenBy(candidate => candidate.Number).FirstOrDefault();
            if (flight is not null && flight.Due <= Now.Monotonic)
            {
                _flights.Remove(flight);
                Deliver(flight);
            }
            else
            {
                foreach (EngineNode node in new[] { A, B })
                {
                    if (node.Engine.NextTimeout <= Now.Monotonic)
                        node.Engine.HandleTimeout(Now);
                }
            }
            Drain();
        }
        return true;
    }

    public void Inject(EngineNode to, byte[] message, NetworkPath path)
    {
        to.Engine.HandleDatagram(message, path, Now);
        Drain();
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    void Drain()
    {
        Drain(A);
        Drain(B);
    }

    void Drain(EngineNode node)
    {
        DrainOnce(node);
        while (node.TryAnswer(Now))
            DrainOnce(node);
    }

    void DrainOnce(EngineNode node)
    {
        string? name = null;
        string message = "";
        while (node.Engine.TryTakeOutput(out IkeOutput? output))
        {
            node.Take(output);
            if (output is EventOccurred { Event: MessagePassed { Sent: true } passed })
                name = $"{node.Name} {passed.Exchange} {(passed.IsRequest ? "request" : "response")} {passed.MessageId}";
            if (output is OperationRequested { Input: SignOperation } operation && !HoldsSignatures)
                node.Sign(operation, Now);
            if (output is not TransmitDatagram transmit)
                continue;
            // Fragments behind the first have no event of their own.
            message = name ?? message;
            Send(node, transmit, name, message);
            name = null;
        }
    }

    void Send(EngineNode from, TransmitDatagram transmit, string? name, string message)
    {
        byte[] datagram = transmit.Datagram.ToArray();
        Datagrams.Add(datagram);
        if (datagram is [0xFF])
        {
            Keepalives++;
            return;
        }
        string digest = Convert.ToHexString(SHA256.HashData(datagram));
        // A cached reply passes without an event of its own.
        name = FragmentName(datagram.AsSpan(transmit.Path.Encapsulation == PathEncapsulation.UdpEncapsulated ? 4 : 0)) is string fragment
            ? _names.GetValueOrDefault(digest, message + fragment)
            : name ?? _names[digest];
        _names.TryAdd(digest, name);
        Sent.Add(name);
        Fate fate = datagram.Length > _longer.Length ? _longer.Fate : FateOf(name);
        if (fate == Fate.Drop || !Reaches(transmit.Path))
            return;
        TimeSpan due = Now.Monotonic + Latency + (fate == Fate.Delay ? TimeSpan.FromMilliseconds(500) : TimeSpan.Zero);
        for (int copies = fate == Fate.Duplicate ? 2 : 1; copies > 0; copies--)
            _flights.Add(new Flight(due, _flightCount++, from, transmit.Path, datagram));
    }

    /// <summary>" 2/3", behind the name of the message.</summary>
    static string? FragmentName(ReadOnlySpan<byte> datagram) => MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out _)
        && envelope.IsFragment
        ? $" {envelope.FragmentNumber}/{envelope.TotalFragments}" : null;

    Fate FateOf(string name)
    {
        for (int i = 0; i < _rules.Count; i++)
        {
            (Func<string, bool> match, Fate fate, int times) = _rules[i];
            if (!match(name))
                continue;
            if (times <= 1)
                _rules.RemoveAt(i);
            else
                _rules[i] = (match, fate, times - 1);
            return fate;
        }
        return Fate.Deliver;
    }

    void Deliver(Flight flight)
    {
        EngineNode to = flight.From == A ? B : A;
        TransportAddress source = flight.Path.Local;
        TransportAddress destination = flight.Path.Remote;
        if (Nat is not null && flight.From == A)
            source = Nat.Outbound(source);
        else if (Nat is not null && !Nat.TryInbound(destination, out destination))
            return;
        bool isEncapsulated = flight.Path.Encapsulation == PathEncapsulation.UdpEncapsulated;
        Assert.True(!isEncapsulated || flight.Datagram.AsSpan(0, 4).IndexOfAnyExcept((byte)0) < 0, "no non-ESP marker on the NAT traversal port");
        to.Engine.HandleDatagram(flight.Datagram.AsSpan(isEncapsulated ? 4 : 0), new NetworkPath(destination, source, flight.Path.Encapsulation), Now);
    }

    TimeSpan? Earliest()
    {
        TimeSpan? earliest = _flights.Count > 0 ? _flights.Min(flight => flight.Due) : null;
        foreach (TimeSpan? timeout in new[] { A.Engine.NextTimeout, B.Engine.NextTimeout })
        {
            if (timeout is not null && (earliest is null || timeout < earliest))
                earliest = timeout;
        }
        return earliest;
    }

    void Advance(TimeSpan to)
    {
        if (to > Now.Monotonic)
            Now = Now.Plus(to - Now.Monotonic);
    }

    sealed record Flight(TimeSpan Due, ulong Number, EngineNode From, NetworkPath Path, byte[] Datagram);
}

/// <summary>A port-translating NAT with one inside host.</summary>
sealed class NatBox(IpAddress inside, IpAddress outside)
{
    readonly Dictionary<ushort, ushort> _ports = [];

    /// <summary>Forgets its mappings, as a reboot does: the next packet from inside gets a new port.</summary>
    public void Rebind()
    {
        _ports.Clear();
        _next += 1000;
    }

    ushort _next = 20000;

    public TransportAddress Outbound(TransportAddress source)
    {
        Assert.Equal(inside, source.Address);
        if (!_ports.TryGetValue(source.Port, out ushort port))
            _ports[source.Port] = port = _next++;
        return new TransportAddress(outside, port);
    }

    public bool TryInbound(TransportAddress destination, out TransportAddress translated)
    {
        foreach ((ushort insidePort, ushort outsidePort) in _ports)
        {
            if (outsidePort == destination.Port && destination.Address == outside)
            {
                translated = new TransportAddress(inside, insidePort);
                return true;
            }
        }
        translated = default;
        return false;
    }
}
