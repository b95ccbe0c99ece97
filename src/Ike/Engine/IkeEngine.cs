using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike;

/// <summary>
/// The IKEv2 negotiation of one endpoint (RFC 7296): datagrams, time and commands go in, outputs come out. It does no I/O, reads no
/// clock and is called from one thread at a time. After every call the owner takes all outputs and looks at <see cref="NextTimeout"/> again.
/// </summary>
public sealed class IkeEngine : IDisposable
{
    readonly EngineContext _context;
    readonly MessageRouter _router;
    readonly ShutdownProgress _shutdown;

    /// <param name="traffic">Asked whether ESP arrived; null lets IKE messages alone prove that a peer is alive.</param>
    public IkeEngine(IkeEngineConfiguration configuration, ISpiAllocator spis, IRandomSource random, IChildTraffic? traffic = null, IMessageHooks? hooks = null)
    {
        _context = new EngineContext(configuration, spis, random, traffic, hooks);
        _router = new MessageRouter(_context);
        _shutdown = new ShutdownProgress(_context);
        _context.Pools.Apply(configuration.Pools);
        _context.Connections.Apply(configuration.Connections, start: false, default);
    }

    /// <summary>Monotonic time at which <see cref="HandleTimeout"/> has something to do; null while there is nothing.</summary>
    public TimeSpan? NextTimeout => _context.Timers.Next;

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTakeOutput([NotNullWhen(true)] out IkeOutput? output) => _context.Outputs.TryTake(out output);

    /// <summary>Initiates every connection whose start action says so.</summary>
    public void Start(Instant now) => _context.Connections.StartAll(now);

    /// <summary>Takes one IKE message; on the NAT traversal port the non-ESP marker is already gone.</summary>
    public void HandleDatagram(ReadOnlySpan<byte> message, NetworkPath path, Instant now)
    {
        _router.Handle(message, path, now);
        _shutdown.CompleteIfDone();
    }

    /// <summary>Does what is due; nothing before <see cref="NextTimeout"/>.</summary>
    public void HandleTimeout(Instant now)
    {
        _context.Timers.RunDue(now);
        _shutdown.CompleteIfDone();
    }

    /// <summary>Takes the answer to an <see cref="OperationRequested"/>. One that comes too late, or that nobody waits for, is ignored.</summary>
    public void HandleCompletion(OperationId id, OperationResult result, Instant now)
    {
        _context.Operations.Complete(id, result, now);
        _shutdown.CompleteIfDone();
    }

    /// <summary>Brings up a connection, or one of its child SAs; null is all of them. What is up already stays as it is.</summary>
    public CommandResult Initiate(string connection, string? child, Instant now) =>
        With(connection, found => _context.Connections.Initiate(found, child, now));

    public CommandResult RekeyIke(string connection, Instant now) => With(connection, found =>
    {
        if (found.IkeSas.Count == 0)
            return CommandResult.Refused($"Connection '{connection}' has no IKE SA to rekey.");
        found.IkeSas[^1].RekeyIke(now);
        return CommandResult.Success;
    });

    /// <summary>Rekeys one child SA of a connection by its configured name, or all of them.</summary>
    public CommandResult RekeyChild(string connection, string? child, Instant now) => With(connection, found =>
    {
        ChildSa[] children = [.. found.IkeSas.SelectMany(ike => ike.Children.All)
            .Where(one => one.Slot.Current == one && (child is null || one.Configuration.Name == child))];
        foreach (ChildSa one in children)
            one.Owner.ChildUpkeep.Rekey(one, now);
        return children.Length > 0 ? CommandResult.Success
            : CommandResult.Refused($"Connection '{connection}' has no child SA{(child is null ? "" : $" '{child}'")} to rekey.");
    });

    /// <summary>As gateway sends every peer of a connection that can be redirected to another gateway (RFC 5685 §5).</summary>
    /// <param name="target">An address or a DNS name.</param>
    public CommandResult Redirect(string connection, string target, Instant now) => With(connection, found =>
    {
        if (RedirectTarget.Parse(target) is not RedirectTarget gateway)
            return CommandResult.Refused($"'{target}' is neither an address nor a DNS name.");
        EstablishedIkeSa[] redirected = [.. found.IkeSas.Where(ike => !ike.Origin.IsInitiator && ike.Sa.Capabilities.Redirect)];
        foreach (EstablishedIkeSa ike in redirected)
            ike.Requests.Enqueue(new RedirectExchange(gateway), now);
        return redirected.Length > 0 ? CommandResult.Success
            : CommandResult.Refused($"Connection '{connection}' has no IKE SA whose peer began it and announced that it follows redirections " +
                "(REDIRECT_SUPPORTED).");
    });

    /// <summary>Deletes the connection's SAs. It stays down until it is initiated again, by either side.</summary>
    public CommandResult Terminate(string connection, Instant now) => With(connection, found =>
    {
        _context.Connections.TakeDown(found, Reasons.Terminated, Farewell.Delete, now);
        return CommandResult.Success;
    });

    /// <summary>
    /// Unchanged connections keep running; changed and removed ones are deleted, new and changed ones started. New pre-shared keys count from the
    /// next authentication on. Clients with an address of a pool whose name servers, networks or domains changed are told (CFG_SET).
    /// </summary>
    public CommandResult Reload(IkeEngineConfiguration configuration, Instant now)
    {
        if (_context.Connections.IsShuttingDown)
            return CommandResult.Refused("The engine is shutting down.");
        _context.Configuration = configuration;
        IReadOnlyCollection<LeasedPool> changed = _context.Pools.Apply(configuration.Pools);
        _context.Connections.Apply(configuration.Connections, start: true, now);
        ConfigurationPush.Tell(_context, changed, now);
        return CommandResult.Success;
    }

    /// <summary>Deletes everything; <see cref="ShutdownCompleted"/> follows once the peers answered or time is up.</summary>
    public void Shutdown(Instant now) => _shutdown.Begin(now);

    /// <summary>The data path counted a child SA to its soft limit: rekey it.</summary>
    public void HandleSoftLimit(ChildSaId id, Instant now)
    {
        if (_context.ChildSas.TryGetValue(id, out ChildSa? child))
            child.Owner.ChildUpkeep.Rekey(child, now);
    }

    /// <summary>The data path stopped a child SA at its hard limit: delete it.</summary>
    public void HandleHardLimit(ChildSaId id, Instant now)
    {
        if (_context.ChildSas.TryGetValue(id, out ChildSa? child))
            child.Owner.ChildUpkeep.Expire(child, Reasons.HardLimit, now);
    }

    /// <summary>The first authenticated packet arrived on a new child SA.</summary>
    public void HandleFirstInbound(ChildSaId id, Instant now)
    {
        if (!_context.ChildSas.TryGetValue(id, out ChildSa? child))
            return;
        _context.Timers.Cancel(child.ActivationTimer);
        child.ActivationTimer = null;
        child.Owner.HandleTraffic(now);
    }

    /// <summary>ESP came with an SPI that nobody has here. The caller limits the rate of these (D4).</summary>
    public void HandleUnknownSpi(uint spi, NetworkPath path, Instant now) => UnknownSpi.Tell(_context, spi, path, now);

    /// <summary>Authenticated ESP came from another address or port (RFC 7296 §2.23).</summary>
    public void HandlePathChanged(ChildSaId id, NetworkPath path, Instant now)
    {
        if (!_context.ChildSas.TryGetValue(id, out ChildSa? child))
            return;
        child.Owner.HandleTraffic(now);
        child.Owner.HandlePathChanged(path);
    }

    /// <summary>
    /// These are the outer addresses of this endpoint from now on, in order of preference (D1). IKE SAs on an address that is gone move to another one
    /// (RFC 4555 §3.5, RFC 7296 §2.23) or are set up anew.
    /// </summary>
    public void LocalAddressesChanged(ImmutableArray<IpAddress> addresses, Instant now) => AddressChange.Handle(_context, addresses, now);

    /// <summary>
    /// A packet wants into a connection that has no SA for it: the child SA whose selectors it fits into is brought up, and no other one. A connection that
    /// is not trapped, or waits for its next try, is left as it is.
    /// </summary>
    public void HandleAcquire(string connection, PacketFlow packet, Instant now)
    {
        if (_context.Connections.TryFind(connection, out ConnectionRuntime? found) && found is { IsTrapped: true, RetryTimer: null, ChildTimer: null })
            _context.Connections.HandleAcquire(found, packet, now);
    }

    /// <summary>How much is held, for those who look for what was left behind.</summary>
    internal EngineFigures Figures => EngineFigures.Of(_context);

    /// <summary>One line per IKE SA in whatever state.</summary>
    internal IEnumerable<string> DescribeIkeSas() => EngineFigures.Describe(_context);

    public IkeStatus GetStatus(Instant now) => StatusSnapshot.Take(_context, now);

    /// <summary>Clears every key. Emits nothing.</summary>
    public void Dispose()
    {
        foreach (IkeSa sa in _context.Sas.All.ToArray())
            sa.State?.Discard();
        _context.Timers.Clear();
        _router.Dispose();
    }

    CommandResult With(string connection, Func<ConnectionRuntime, CommandResult> command)
    {
        if (_context.Connections.IsShuttingDown)
            return CommandResult.Refused("The engine is shutting down.");
        return _context.Connections.TryFind(connection, out ConnectionRuntime? found) ? command(found)
            : CommandResult.Refused($"There is no connection '{connection}'.");
    }
}
