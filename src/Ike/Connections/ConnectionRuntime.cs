using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>What one configured connection is doing.</summary>
sealed class ConnectionRuntime(ConnectionManager manager, ConnectionConfiguration configuration)
{
    readonly List<EstablishedIkeSa> _ikeSas = [];
    readonly RedirectLimit _redirects = new();
    IkeSa? _attempt;

    public ConnectionManager Manager { get; } = manager;
    public ConnectionConfiguration Configuration { get; } = configuration;
    public string Name => Configuration.Name;

    /// <summary>Established ones, oldest first.</summary>
    public IReadOnlyList<EstablishedIkeSa> IkeSas => _ikeSas;

    /// <summary>The IKE SA that we are setting up.</summary>
    public IkeSa? Attempt
    {
        get => _attempt;
        set
        {
            if (_attempt is IkeSa before)
                Manager.Peers.RemoveAttempt(this, before);
            _attempt = value;
            if (value is not null)
                Manager.Peers.AddAttempt(this, value);
        }
    }

    /// <summary>Who is at that address, as far as it is known before it says so.</summary>
    public Identity ExpectedIdentity(IpAddress remote) => Configuration.RemoteIdentity ?? Identity.From(remote);

    /// <summary>The child SAs that a start action or a command asked for; they are brought up again when they are lost.</summary>
    public SortedSet<string> WantedChildren { get; } = new(StringComparer.Ordinal);

    /// <summary>By the child's name: the packet that wants it up, until it is.</summary>
    public Dictionary<string, PacketFlow> Triggers { get; } = new(StringComparer.Ordinal);

    /// <summary>What to propose for a child SA that is new: the packet that wants it comes first.</summary>
    public ChildSelectors WithTrigger(ChildConfiguration child, ChildSelectors selectors) =>
        Triggers.TryGetValue(child.Name, out PacketFlow packet) ? selectors.StartingWith(packet) : selectors;

    /// <summary>A child SA that we asked for is there.</summary>
    public void HandleChildGranted(string child)
    {
        ChildFailures = 0;
        Triggers.Remove(child);
    }

    /// <summary>Somebody wants it up: it is tried again until it is.</summary>
    public bool ShouldBeUp { get; set; }

    /// <summary>Where a peer that is configured by its name is dialled; null for any other one.</summary>
    public PeerAddresses? PeerAddresses { get; } = configuration.RemoteName is string name ? new PeerAddresses(manager.Context, name) : null;

    /// <summary>Where the next attempt goes instead of to the configured peer, once; null to the configured one (RFC 5685 §3).</summary>
    public PendingRedirect? Redirect { get; set; }

    /// <summary>False if it would be one redirection too many.</summary>
    public bool TryRedirect(RedirectTarget target, IpAddress from, Instant now)
    {
        if (!_redirects.TryFollow(now))
            return false;
        Redirect = new PendingRedirect(target, from, target.Name is string name ? new PeerAddresses(Manager.Context, name) : null);
        return true;
    }

    /// <summary>The last attempt had no local address to dial from.</summary>
    public bool FailedForWantOfAddress { get; set; }

    /// <summary>Attempts in a row without an IKE SA; each makes the pause before the next one longer.</summary>
    public int AttemptsFailed { get; set; }

    /// <summary>A packet that wants into it brings it up.</summary>
    public bool IsTrapped { get; set; } = configuration.StartAction == StartAction.Traffic;

    public EngineTimer? RetryTimer { get; set; }
    public EngineTimer? ChildTimer { get; set; }

    /// <summary>Refused child SAs in a row; each makes the pause before the next try longer.</summary>
    public int ChildFailures { get; set; }

    /// <summary>Why it is down; empty while it is up.</summary>
    public ImmutableArray<Reason> Reasons { get; set; } = [];

    public ChildConfiguration? FindChild(string name) => Configuration.Children.FirstOrDefault(child => child.Name == name);

    /// <summary>In the order of the configuration.</summary>
    public IEnumerable<string> WantedInOrder => Configuration.Children.Select(child => child.Name).Where(WantedChildren.Contains);

    public void Add(EstablishedIkeSa ike)
    {
        _ikeSas.Add(ike);
        Manager.Peers.Add(ike);
        Reasons = [];
    }

    public void Remove(EstablishedIkeSa ike)
    {
        if (_ikeSas.Remove(ike))
            Manager.Peers.Remove(ike);
    }

    public void Replace(EstablishedIkeSa old, EstablishedIkeSa successor)
    {
        int index = _ikeSas.IndexOf(old);
        if (index >= 0)
        {
            _ikeSas[index] = successor;
            Manager.Peers.Remove(old);
        }
        else
        {
            _ikeSas.Add(successor);
        }
        Manager.Peers.Add(successor);
    }

    /// <summary>Those with a peer of this identity: a connection may be for any number of peers.</summary>
    public IEnumerable<EstablishedIkeSa> With(Identity remote) => Manager.Peers.With(remote).Where(ike => ike.Connection == this);

    public ConnectionState State => _ikeSas.Count > 0 ? ConnectionState.Established
        : Attempt is not null || PeerAddresses is { IsResolving: true } || Redirect is not null ? ConnectionState.Connecting
        : Manager.IsClosing(Name) ? ConnectionState.Closing
        : Reasons.IsEmpty || !ShouldBeUp && !FailedLast ? ConnectionState.Down
        : ConnectionState.Failed;

    /// <summary>The last attempt failed, as opposed to an end that somebody wanted.</summary>
    public bool FailedLast { get; set; }

    /// <summary>The last IKE SA ended: whether it should be up again, and when.</summary>
    public void ActAfter(ClosureCause cause)
    {
        EndAction action = cause switch
        {
            ClosureCause.DeletedByPeer => Configuration.CloseAction,
            ClosureCause.DeadPeer => Configuration.DeadPeerAction,
            // What nobody uses is not dialled again by itself.
            ClosureCause.Inactivity => Configuration.CloseAction == EndAction.Trap ? EndAction.Trap : EndAction.None,
            _ => EndAction.AsStarted,
        };
        if (action == EndAction.AsStarted)
            return;
        IsTrapped = action == EndAction.Trap || Configuration.StartAction == StartAction.Traffic;
        ShouldBeUp = action == EndAction.Start && Configuration.MayInitiate;
        if (!ShouldBeUp)
            WantedChildren.Clear();
        else if (WantedChildren.Count == 0)
            WantedChildren.UnionWith(Configuration.Children.Select(child => child.Name));
    }
}
