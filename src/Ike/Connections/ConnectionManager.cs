using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>Brings connections up, keeps them up, and takes them down: start actions, commands, retries.</summary>
sealed class ConnectionManager(EngineContext context)
{
    // Part of the retry delay that is drawn: two ends that fail together must not try together for ever.
    const double RetryJitter = 0.2;

    // A child SA that is refused again and again is asked for ever more rarely, down to 32 times the retry delay.
    const int MaximumChildBackoff = 5;

    // Beyond this the longest delay has been reached, whatever the first one was within reason.
    const int MaximumRetryBackoff = 16;

    readonly List<ConnectionRuntime> _connections = [];
    readonly Dialler _dialler = new(context);
    readonly Dictionary<string, ConnectionRuntime> _byName = new(StringComparer.Ordinal);

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<ConnectionRuntime> All => _connections;

    public EngineContext Context => context;

    public PeerIndex Peers { get; } = new();

    /// <summary>Nothing new begins while the engine is being shut down.</summary>
    public bool IsShuttingDown { get; set; }

    public bool TryFind(string name, [NotNullWhen(true)] out ConnectionRuntime? connection) => _byName.TryGetValue(name, out connection);

    /// <summary>An IKE SA of that connection waits for the answer to its DELETE.</summary>
    public bool IsClosing(string name) => context.Sas.All.Any(sa => sa.ConnectionName == name && sa.State is ClosingIkeSa or RetreatingIkeSa);

    /// <summary>Takes over a configuration: connections that did not change keep running, the others end and begin anew.</summary>
    public void Apply(ImmutableArray<ConnectionConfiguration> configurations, bool start, Instant now)
    {
        var kept = new List<ConnectionRuntime>();
        var added = new List<ConnectionRuntime>();
        foreach (ConnectionConfiguration configuration in configurations)
        {
            if (TryFind(configuration.Name, out ConnectionRuntime? same) && same.Configuration.Equals(configuration))
            {
                kept.Add(same);
                continue;
            }
            var runtime = new ConnectionRuntime(this, configuration);
            kept.Add(runtime);
            added.Add(runtime);
        }
        foreach (ConnectionRuntime gone in _connections.Except(kept).ToArray())
            TakeDown(gone, Reasons.ConfigurationChanged, Farewell.Delete, now);
        _connections.Clear();
        _connections.AddRange(kept);
        _byName.Clear();
        foreach (ConnectionRuntime runtime in kept)
            _byName.Add(runtime.Name, runtime);
        if (!start)
            return;
        foreach (ConnectionRuntime runtime in added)
            Start(runtime, now);
    }

    public void StartAll(Instant now)
    {
        foreach (ConnectionRuntime connection in _connections)
            Start(connection, now);
    }

    public CommandResult Initiate(ConnectionRuntime connection, string? child, Instant now)
    {
        if (child is not null && connection.FindChild(child) is null)
        {
            string names = string.Join(", ", connection.Configuration.Children.Select(one => one.Name));
            return CommandResult.Refused($"Connection '{connection.Name}' has no child '{child}'; it has {names}.");
        }
        if (AttemptStarter.WhyNot(context, connection.Configuration) is string obstacle)
            return CommandResult.Refused(obstacle);
        connection.WantedChildren.UnionWith(child is null ? connection.Configuration.Children.Select(one => one.Name) : [child]);
        connection.ShouldBeUp |= connection.Configuration.StartAction == StartAction.Start;
        foreach (string name in connection.WantedInOrder)
            connection.IkeSas.LastOrDefault()?.Children.Parts.TryAgain(connection.FindChild(name)!);
        BringUp(connection, now);
        return CommandResult.Success;
    }

    /// <summary>A packet brings up the first child SA that it fits into and that is not there, or the part of one that the peer has left out of it.</summary>
    public void HandleAcquire(ConnectionRuntime connection, PacketFlow packet, Instant now)
    {
        if (AttemptStarter.WhyNot(context, connection.Configuration) is not null)
            return;
        EstablishedIkeSa? ike = connection.IkeSas.LastOrDefault();
        ChildAddresses addresses = ike is null ? ChildAddresses.Undecided : ChildAddresses.Of(ike);
        if (connection.Configuration.Children.FirstOrDefault(Fits) is not ChildConfiguration child)
            return;
        // What was wanted of an IKE SA that ended for good is not what this packet wants.
        if (ike is null && connection.Attempt is null && !connection.ShouldBeUp)
            connection.WantedChildren.Clear();
        connection.WantedChildren.Add(child.Name);
        connection.Triggers[child.Name] = packet;
        connection.ShouldBeUp |= connection.Configuration.StartAction == StartAction.Start;
        if (ike is null)
            BringUp(connection, now);
        else if (ike.Children.Parts.IsUp(child))
            ike.ChildUpkeep.AddPart(child, packet, now);
        else
            ike.ChildUpkeep.Ensure([child.Name], now);

        bool Fits(ChildConfiguration one)
        {
            ChildSelectors selectors = addresses.SelectorsOf(one);
            return packet.Fits(selectors.Local, selectors.Remote) && ike?.Children.HasLive(one.Name, packet) != true;
        }
    }

    /// <summary>Sets up a second IKE SA beside this one, which it will renew. Nothing happens while an attempt is under way already.</summary>
    public void Reauthenticate(EstablishedIkeSa ike, Instant now)
    {
        ConnectionRuntime connection = ike.Connection;
        IpAddress remote = connection.Configuration.RemoteAddress ?? ike.Sa.Path.Remote.Address;
        if (connection.Attempt is null && !IsShuttingDown && AttemptStarter.WhyNot(context, connection.Configuration, remote) is null)
            connection.Attempt = AttemptStarter.Begin(context, connection, remote, null, now);
    }

    /// <summary>An attempt of ours ended without an IKE SA.</summary>
    public void HandleAttemptFailed(ConnectionRuntime connection, IkeSa sa, ImmutableArray<Reason> reasons, Instant now)
    {
        if (connection.Attempt == sa)
            connection.Attempt = null;
        context.Emit(new IkeSaClosed(WasEstablished: false, reasons) { Connection = connection.Name, IkeSa = sa.Id });
        if (connection.IkeSas.Count > 0)
            return;
        connection.Reasons = reasons;
        connection.FailedLast = true;
        connection.AttemptsFailed++;
        // Another address of the same name may do better.
        if (connection.PeerAddresses is { HasMore: true })
            BringUp(connection, now);
        else
            RetryLater(connection, now);
    }

    /// <summary>We refused an attempt of the peer's: until something comes up, that is why it is down.</summary>
    /// <param name="name">The connection that it was for; null where that is not known.</param>
    public void HandlePeerRefused(string? name, ImmutableArray<Reason> reasons)
    {
        if (name is not null && TryFind(name, out ConnectionRuntime? connection) && connection.IkeSas.Count == 0)
            connection.Reasons = reasons;
    }

    /// <summary>A new IKE SA is authenticated, by an attempt of ours or by the peer's.</summary>
    public void HandleEstablished(EstablishedIkeSa ike, Instant now)
    {
        ConnectionRuntime connection = ike.Connection;
        if (connection.Attempt == ike.Sa)
            connection.Attempt = null;
        // What we began and did not authenticate yet is not needed any more; the peer forgets its half of it.
        else if (connection.Attempt is { State: InitInitiator } begun)
            Abandon(connection, begun, now);
        connection.FailedLast = false;
        connection.AttemptsFailed = 0;
        connection.PeerAddresses?.Forget();
        context.Timers.Cancel(connection.RetryTimer);
        connection.RetryTimer = null;
        connection.Add(ike);
        ike.Begin(isRekey: false, now);
        EnsureChildrenSoon(connection, now);
    }

    public void HandleRekeyed(ConnectionRuntime connection, EstablishedIkeSa old, EstablishedIkeSa successor) => connection.Replace(old, successor);

    /// <summary>An established IKE SA ended. If nothing else carries the connection, the action for this end says what follows.</summary>
    public void HandleClosed(ConnectionRuntime connection, EstablishedIkeSa ike, ImmutableArray<Reason> reasons, ClosureCause cause, Instant now)
    {
        connection.Remove(ike);
        if (connection.IkeSas.Count > 0)
            return;
        connection.Reasons = reasons;
        connection.ActAfter(cause);
        RetryLater(connection, now);
    }

    /// <summary>The peer deleted what carried these children, or a part of each.</summary>
    public void HandleDeletedByPeer(EstablishedIkeSa ike, IEnumerable<ChildConfiguration> carried, Instant now)
    {
        ConnectionRuntime connection = ike.Connection;
        foreach (ChildConfiguration child in carried.Where(child => IsIncomplete(ike, child) && !ike.IsCarriedOnElsewhere(child)))
        {
            switch (connection.Configuration.CloseAction)
            {
                case EndAction.None or EndAction.Trap:
                    Leave(ike, child);
                    break;
                case EndAction.Start when connection.Configuration.MayInitiate:
                    connection.ShouldBeUp = true;
                    connection.WantedChildren.Add(child.Name);
                    break;
            }
            EnsureChildrenSoon(connection, now);
        }
    }

    /// <summary>What carried these children was closed because nothing passed: who wants them has to say so again.</summary>
    public static void HandleInactive(EstablishedIkeSa ike, IEnumerable<ChildConfiguration> carried)
    {
        foreach (ChildConfiguration child in carried.Where(child => IsIncomplete(ike, child)))
            Leave(ike, child);
    }

    static bool IsIncomplete(EstablishedIkeSa ike, ChildConfiguration child) => !ike.Children.Parts.IsUp(child) || ike.Children.Parts.Missing(child).Any();

    /// <summary>What is not there stays as it is.</summary>
    static void Leave(EstablishedIkeSa ike, ChildConfiguration child)
    {
        ConnectionRuntime connection = ike.Connection;
        if (ike.Children.Parts.IsUp(child))
            ike.Children.Parts.GiveUpMissing(child);
        else
            connection.WantedChildren.Remove(child.Name);
        connection.IsTrapped |= connection.Configuration.CloseAction == EndAction.Trap;
    }

    /// <summary>An attempt from an address that is gone begins anew; one that waits for an address need not wait any longer.</summary>
    public void HandleLocalAddresses(ConnectionRuntime connection, Instant now)
    {
        if (connection.Attempt is IkeSa attempt && !context.LocalAddresses.Contains(attempt.Path.Local.Address))
        {
            Abandon(connection, attempt, now);
            context.Emit(new IkeSaClosed(WasEstablished: false, MobilityReasons.LocalAddressGone(attempt.Path.Local.Address))
            { Connection = connection.Name, IkeSa = attempt.Id });
            BringUp(connection, now);
        }
        else if (connection.RetryTimer is not null && connection.FailedForWantOfAddress)
        {
            BringUp(connection, now);
        }
    }

    /// <summary>What was redirected is gone: on to where it leads.</summary>
    public void HandleRedirected(ConnectionRuntime connection, Instant now) => BringUp(connection, now);

    /// <summary>Child SAs that are wanted and not there are asked for after the retry delay: the peer may be about to do so itself.</summary>
    public void EnsureChildrenSoon(ConnectionRuntime connection, Instant now)
    {
        if (connection.ChildTimer is not null || !connection.ShouldBeUp || IsShuttingDown)
            return;
        TimeSpan delay = Jittered(connection.Configuration.RetryDelay) * (1 << Math.Min(connection.ChildFailures, MaximumChildBackoff));
        connection.ChildTimer = context.Timers.Schedule(now, delay, at =>
        {
            connection.ChildTimer = null;
            if (connection.IkeSas.LastOrDefault() is EstablishedIkeSa ike && !IsShuttingDown)
                ike.ChildUpkeep.Ensure(connection.WantedInOrder, at);
        });
    }

    /// <summary>Ends everything of a connection.</summary>
    public void TakeDown(ConnectionRuntime connection, ImmutableArray<Reason> reasons, Farewell farewell, Instant now)
    {
        connection.Redirect?.Addresses?.Forget();
        connection.Redirect = null;
        connection.ShouldBeUp = false;
        connection.FailedLast = false;
        connection.AttemptsFailed = 0;
        connection.PeerAddresses?.Forget();
        connection.WantedChildren.Clear();
        connection.Triggers.Clear();
        context.Timers.Cancel(connection.RetryTimer);
        context.Timers.Cancel(connection.ChildTimer);
        connection.RetryTimer = connection.ChildTimer = null;
        if (connection.Attempt is IkeSa attempt)
        {
            Abandon(connection, attempt, now);
            context.Emit(new IkeSaClosed(WasEstablished: false, reasons) { Connection = connection.Name, IkeSa = attempt.Id });
        }
        foreach (EstablishedIkeSa ike in connection.IkeSas.ToArray())
            ike.Close(reasons, farewell, now);
        connection.Reasons = reasons;
    }

    void Start(ConnectionRuntime connection, Instant now)
    {
        ConnectionConfiguration configuration = connection.Configuration;
        if (configuration.StartAction != StartAction.Start || AttemptStarter.WhyNot(context, configuration) is not null)
            return;
        connection.ShouldBeUp = true;
        connection.WantedChildren.UnionWith(configuration.Children.Select(child => child.Name));
        if (configuration.StartDelay > TimeSpan.Zero)
            RetryAfter(connection, configuration.StartDelay, now);
        else
            BringUp(connection, now);
    }

    public void BringUp(ConnectionRuntime connection, Instant now)
    {
        if (connection.IkeSas.LastOrDefault() is EstablishedIkeSa ike && !IsRenewedElsewhere(connection, now))
        {
            connection.Redirect = null;
            ike.ChildUpkeep.Ensure(connection.WantedInOrder, now);
            return;
        }
        if (connection.Attempt is not null || IsShuttingDown)
            return;
        context.Timers.Cancel(connection.RetryTimer);
        connection.RetryTimer = null;
        _dialler.Dial(connection, now);
    }

    /// <summary>The second IKE SA of a reauthentication has been redirected: it is set up there, beside the one that it will renew.</summary>
    static bool IsRenewedElsewhere(ConnectionRuntime connection, Instant now) =>
        connection.Redirect is not null && connection.IkeSas.Any(ike => Reauthentication.IsDue(ike, now));

    void Abandon(ConnectionRuntime connection, IkeSa attempt, Instant now)
    {
        connection.Attempt = null;
        if (attempt.State is AuthInitiator authenticating)
        {
            authenticating.Withdraw(now);
            return;
        }
        attempt.State?.Discard();
        context.Sas.Remove(attempt);
    }

    public void RetryLater(ConnectionRuntime connection, Instant now)
    {
        if (!connection.ShouldBeUp || connection.Attempt is not null || connection.RetryTimer is not null || IsShuttingDown)
            return;
        ConnectionConfiguration configuration = connection.Configuration;
        TimeSpan delay = configuration.RetryDelay * (1 << Math.Clamp(connection.AttemptsFailed - 1, 0, MaximumRetryBackoff));
        TimeSpan longest = configuration.MaximumRetryDelay > configuration.RetryDelay ? configuration.MaximumRetryDelay : configuration.RetryDelay;
        RetryAfter(connection, Jittered(delay < longest ? delay : longest), now);
    }

    void RetryAfter(ConnectionRuntime connection, TimeSpan delay, Instant now) =>
        connection.RetryTimer = context.Timers.Schedule(now, delay, at =>
        {
            connection.RetryTimer = null;
            BringUp(connection, at);
        });

    TimeSpan Jittered(TimeSpan delay) => delay * (1 - RetryJitter / 2 + RetryJitter * context.NextFraction());
}
