using Ipsec.Ike;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Fuzz;

/// <summary>
/// The engine under attack, taken apart so that IKE SAs can be put into any state without a handshake: its context and its router, a data path that
/// only counts, and the hook between opened and parsed (D3).
/// </summary>
sealed class Target : ISpiAllocator, IMessageHooks, IDisposable
{
    readonly MessageRouter _router;
    readonly HashSet<uint> _spis = [];
    readonly Dictionary<ChildSaId, uint> _installed = [];
    readonly Queue<(OperationId Id, OperationResult Result)> _operations = [];
    uint _nextSpi = 0x10000000;
    ulong _unmatched;

    public Target(IkeEngineConfiguration configuration, Dice dice)
    {
        Context = new EngineContext(configuration, this, dice, null, this);
        _router = new MessageRouter(Context);
        Context.Pools.Apply(configuration.Pools);
        Context.Connections.Apply(configuration.Connections, start: false, Now);
    }

    public EngineContext Context { get; }
    public Instant Now { get; private set; } = Policy.Begin;

    /// <summary>Changes the octets of the next message that is opened, in place.</summary>
    public Mutations.InPlace? Damage { get; set; }

    /// <summary>Datagrams since they were looked at last.</summary>
    public List<ReadOnlyMemory<byte>> Sent { get; } = [];

    public string? LastFault { get; private set; }
    public int Installs { get; private set; }
    public int Established { get; private set; }
    public int Refusals { get; private set; }

    /// <summary>Signatures and names are not done before the next message has come.</summary>
    public bool HoldsOperations { get; set; }

    /// <summary>One IKE message from the peer, and everything that comes of it.</summary>
    public void Deliver(ReadOnlySpan<byte> datagram, NetworkPath path)
    {
        LastFault = null;
        Installs = Established = Refusals = 0;
        _router.Handle(datagram, path, Now);
        Drain();
    }

    /// <summary>A response came that nobody had asked for, since this was asked last.</summary>
    public bool TakeUnmatched()
    {
        ulong before = _unmatched;
        _unmatched = Context.Counters["unmatched-response"];
        return _unmatched != before;
    }

    public ConnectionRuntime Connection(string name) =>
        Context.Connections.TryFind(name, out ConnectionRuntime? found) ? found : throw new ArgumentException($"no connection {name}");

    /// <summary>Takes everything down and lets time pass until nothing is left; what is left nevertheless, in words.</summary>
    public string? Settle(Farewell farewell)
    {
        HoldsOperations = false;
        Drain();
        foreach (ConnectionRuntime connection in Context.Connections.All)
            Context.Connections.TakeDown(connection, Reasons.Terminated, farewell, Now);
        Drain();
        TimeSpan end = Now.Monotonic + TimeSpan.FromMinutes(30);
        while (Context.Timers.Next is TimeSpan due && due <= end)
        {
            if (due > Now.Monotonic)
                Now = Now.Plus(due - Now.Monotonic);
            Context.Timers.RunDue(Now);
            Drain();
        }
        Sent.Clear();
        (string What, int Count)[] held =
        [
            ("IKE SAs", Context.Sas.Count), ("child SAs", Context.ChildSas.Count), ("timers", Context.Timers.Count), ("half-open IKE SAs",
                Context.HalfOpen.Count),
            ("octets of fragments", Context.Reassembly.Used), ("operations", Context.Operations.Count), ("SPIs", _spis.Count), ("installed child SAs",
                _installed.Count),
        ];
        return held.All(one => one.Count == 0) ? null : "left behind: " + string.Join(", ", held.Where(one => one.Count != 0).Select(one =>
            $"{one.Count} {one.What}"));
    }

    public void Drain()
    {
        do
        {
            while (Context.Outputs.TryTake(out IkeOutput? output))
                Take(output);
            if (!HoldsOperations && _operations.TryDequeue(out (OperationId Id, OperationResult Result) done))
                Context.Operations.Complete(done.Id, done.Result, Now);
            else
                return;
        }
        while (true);
    }

    public bool TryAllocate(out uint spi)
    {
        spi = ++_nextSpi;
        return _spis.Add(spi);
    }

    public void Release(uint spi)
    {
        if (!_spis.Remove(spi))
            throw new InvalidOperationException("An SPI was released that was not held.");
    }

    void IMessageHooks.Incoming(Span<byte> payloads)
    {
        Mutations.InPlace? damage = Damage;
        Damage = null;
        damage?.Invoke(payloads);
    }

    public void Dispose()
    {
        foreach (IkeSa sa in Context.Sas.All.ToArray())
            sa.State?.Discard();
        _router.Dispose();
    }

    void Take(IkeOutput output)
    {
        switch (output)
        {
            case TransmitDatagram transmit:
                Sent.Add(transmit.Datagram);
                break;
            case EventOccurred { Event: PeerFaultCounted fault }:
                LastFault = fault.Fault;
                break;
            case EventOccurred { Event: IkeSaEstablished }:
                Established++;
                break;
            case EventOccurred { Event: NegotiationRefused }:
                Refusals++;
                break;
            case InstallChildSa install:
                Install(install);
                break;
            case ActivateChildSa activate:
                if (!_installed.ContainsKey(activate.Id))
                    throw new InvalidOperationException("A child SA was activated that is not installed.");
                break;
            case RemoveChildSa remove:
                if (!_installed.Remove(remove.Id))
                    throw new InvalidOperationException("A child SA was removed that is not installed.");
                break;
            case OperationRequested { Input: SignOperation sign } operation:
                _operations.Enqueue((operation.Id, sign.Execute()));
                break;
            case OperationRequested operation:
                _operations.Enqueue((operation.Id, new NameResolved([Policy.PeerAddress])));
                break;
        }
    }

    void Install(InstallChildSa install)
    {
        Installs++;
        if (!_spis.Remove(install.InboundSpi))
            throw new InvalidOperationException("A child SA was installed with an SPI that is not held.");
        _installed.Add(install.Id, install.InboundSpi);
        install.InboundEncryptionKey.Dispose();
        install.InboundIntegrityKey.Dispose();
        install.OutboundEncryptionKey.Dispose();
        install.OutboundIntegrityKey.Dispose();
    }
}
