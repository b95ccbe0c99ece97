using System.Globalization;
using System.Security.Cryptography;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>
/// Two engines in a room, and their messages on the table: whoever runs the room says which one arrives next. No time passes unless it is
/// said. At every step each side sends one packet of ESP, which arrives at once, and another one that arrives a step later.
/// </summary>
sealed class Room : IDisposable
{
    readonly Dictionary<string, string> _names = [];
    readonly Dictionary<EngineNode, EspModel> _esp;
    readonly List<(EngineNode To, uint Spi)> _late = [];
    readonly List<string> _story = [];
    readonly List<Creation> _created = [];
    readonly List<(string Node, uint InboundSpi)> _deletes = [];
    bool _isHandlingRequest;

    readonly (IkeEngineConfiguration A, IkeEngineConfiguration B) _configurations;
    ulong _seed;

    public Room(IkeEngineConfiguration a, IkeEngineConfiguration b, ulong seed)
    {
        _configurations = (a, b);
        _seed = seed;
        A = new EngineNode("A", a, seed * 2, 0xA0000001, null);
        B = new EngineNode("B", b, seed * 2 + 1, 0xB0000001, null);
        _esp = new() { [A] = new EspModel(), [B] = new EspModel() };
    }

    public EngineNode A { get; private set; }
    public EngineNode B { get; private set; }
    public Instant Now { get; private set; } = new(TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch);

    /// <summary>Sent and not arrived, in the order of sending.</summary>
    public List<Message> OnTheTable { get; } = [];

    /// <summary>From here on a packet of either side that nobody can carry or receive is a failure; false only counts them.</summary>
    public bool TrafficMustNotStop { get; set; }

    /// <summary>Whose packets are sent.</summary>
    public IReadOnlyList<string> Children { get; set; } = ["net"];

    /// <summary>Child SAs by their inbound SPI at one node, and whose exchange made them.</summary>
    public IReadOnlyList<Creation> Created => _created;

    /// <summary>Who asked to delete which of its inbound SPIs.</summary>
    public IEnumerable<(string Node, uint InboundSpi)> Deletes => _deletes.Distinct();

    public int PacketsLost { get; private set; }
    public int PacketsReceived { get; private set; }

    /// <summary>What happened, line by line.</summary>
    public IReadOnlyList<string> Story => _story;

    public EngineNode this[string name] => name == "A" ? A : B;

    public EngineNode Other(EngineNode node) => node == A ? B : A;

    public void Do(string what, Action action)
    {
        _story.Add($"{Clock} ** {what}");
        action();
        EndStep();
    }

    /// <summary>One message arrives.</summary>
    /// <param name="keeps">A copy stays behind.</param>
    public void Deliver(Message message, bool keeps = false)
    {
        _story.Add($"{Clock} -> {message.Name}{(keeps ? " (a copy stays behind)" : "")}");
        if (!keeps)
            OnTheTable.Remove(message);
        bool isEncapsulated = message.Path.Encapsulation == PathEncapsulation.UdpEncapsulated;
        this[message.From == "A" ? "B" : "A"].Engine.HandleDatagram(message.Datagram.AsSpan(isEncapsulated ? 4 : 0),
            new NetworkPath(message.Path.Remote, message.Path.Local, message.Path.Encapsulation), Now);
        EndStep();
    }

    /// <summary>The process dies and comes back with nothing in its memory; what is on the table stays there.</summary>
    public void Restart(string name)
    {
        EngineNode gone = name == "A" ? A : B;
        _esp.Remove(gone);
        gone.Dispose();
        // Randomness goes on: a restarted process does not draw the same again.
        EngineNode fresh = name == "A"
            ? A = new EngineNode("A", _configurations.A, ++_seed + 1000, 0xA5000001, null)
            : B = new EngineNode("B", _configurations.B, ++_seed + 1000, 0xB5000001, null);
        _esp[fresh] = new EspModel();
        fresh.Engine.Start(Now);
    }

    public void Lose(Message message)
    {
        _story.Add($"{Clock} xx {message.Name} is lost");
        OnTheTable.Remove(message);
    }

    /// <summary>Time passes until one of the two has something to do; false if neither has before the end.</summary>
    public bool Wait(TimeSpan end)
    {
        TimeSpan? next = new[] { A.Engine.NextTimeout, B.Engine.NextTimeout }.Min();
        if (next is not TimeSpan due || due > end)
            return false;
        if (due > Now.Monotonic)
            Now = Now.Plus(due - Now.Monotonic);
        foreach (EngineNode node in new[] { A, B })
        {
            if (node.Engine.NextTimeout <= Now.Monotonic)
                node.Engine.HandleTimeout(Now);
        }
        EndStep();
        return true;
    }

    /// <summary>Everything arrives in the order of sending, and time passes.</summary>
    public void Settle(TimeSpan duration)
    {
        TimeSpan end = Now.Monotonic + duration;
        do
        {
            while (OnTheTable.Count > 0)
                Deliver(OnTheTable[0]);
        }
        while (Wait(end));
        Now = Now.Plus(end - Now.Monotonic);
        // The grace of what was replaced is over: a packet that would still come on it is no packet of this run.
        _late.Clear();
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    string Clock => Now.Monotonic.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture);

    void EndStep()
    {
        Drain(A);
        Drain(B);
        (EngineNode To, uint Spi)[] late = [.. _late];
        _late.Clear();
        foreach ((EngineNode to, uint spi) in late.Where(packet => _esp.ContainsKey(packet.To)))
            Receive(to, spi);
        foreach (string child in Children)
        {
            SendPacket(A, child);
            SendPacket(B, child);
        }
    }

    void SendPacket(EngineNode from, string child)
    {
        if (_esp[from].Sending(child) is not uint spi)
        {
            LosePacket($"{from.Name} has no SA of {child} to send on");
            return;
        }
        Receive(Other(from), spi);
        _late.Add((Other(from), spi));
    }

    void Receive(EngineNode to, uint spi)
    {
        if (_esp[to].Receive(spi, out bool isFirst) is not ChildSaId id)
        {
            LosePacket($"{to.Name} does not know SPI {spi:x8} any more, or not yet");
            return;
        }
        PacketsReceived++;
        if (!isFirst)
            return;
        to.Engine.HandleFirstInbound(id, Now);
        Drain(to);
    }

    void LosePacket(string why)
    {
        PacketsLost++;
        Assert.False(TrafficMustNotStop, $"traffic stopped: {why}");
    }

    void Drain(EngineNode node)
    {
        string? name = null;
        while (node.Engine.TryTakeOutput(out IkeOutput? output))
        {
            node.Take(output);
            _esp[node].Take(output);
            Tell(node, output);
            Record(node, output);
            if (output is EventOccurred { Event: MessagePassed { Sent: true } passed })
                name = $"{node.Name} {passed.Exchange} {(passed.IsRequest ? "request" : "response")} {passed.MessageId} {{ " +
                    $"{string.Join(' ', passed.Payloads)} }}";
            if (output is not TransmitDatagram transmit)
                continue;
            byte[] datagram = transmit.Datagram.ToArray();
            string digest = Convert.ToHexString(SHA256.HashData(datagram));
            // A cached reply passes without an event of its own.
            name ??= _names[digest];
            _names.TryAdd(digest, name);
            OnTheTable.Add(new Message(name, node.Name, transmit.Path, datagram));
            name = null;
        }
    }

    void Record(EngineNode node, IkeOutput output)
    {
        switch (output)
        {
            case EventOccurred { Event: MessagePassed { Sent: false } received }:
                _isHandlingRequest = received.IsRequest;
                break;
            case InstallChildSa install:
                _created.Add(new Creation(node.Name, install.Id, install.InboundSpi, install.OutboundSpi, ByPeer: _isHandlingRequest));
                break;
            case EventOccurred { Event: MessagePassed { Sent: true, IsRequest: true } sent }:
                foreach (string payload in sent.Payloads.Where(payload => payload.StartsWith("D(ESP ", StringComparison.Ordinal)))
                    _deletes.AddRange(payload[6..^1].Split(' ').Select(spi => (node.Name, Convert.ToUInt32(spi, 16))));
                break;
        }
    }

    void Tell(EngineNode node, IkeOutput output)
    {
        if (output switch
        {
            InstallChildSa install => $"installs {install.InboundSpi:x8}/{install.OutboundSpi:x8} {install.Activation}",
            ActivateChildSa activate => $"activates {node.EverInstalled.Find(install => install.Id == activate.Id)!.InboundSpi:x8}",
            RemoveChildSa remove => $"removes {node.EverInstalled.Find(install => install.Id == remove.Id)!.InboundSpi:x8}",
            EventOccurred { Event: IkeSaEstablished established } => $"has IKE SA {established.IkeSa!.Value.Value}",
            EventOccurred { Event: IkeSaClosed closed } =>
                $"closes IKE SA {closed.IkeSa!.Value.Value}: {string.Join(' ', closed.Reasons.Select(reason => reason.Code))}",
            EventOccurred { Event: MessagePassed { Notes.IsEmpty: false } passed } => string.Join("; ", passed.Notes),
            _ => null,
        } is string line)
            _story.Add($"{Clock}      {node.Name} {line}");
    }
}

/// <summary>A datagram on the table.</summary>
sealed record Message(string Name, string From, NetworkPath Path, byte[] Datagram);

/// <summary>A child SA as one node installed it.</summary>
sealed record Creation(string Node, ChildSaId Id, uint InboundSpi, uint OutboundSpi, bool ByPeer);
