using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>
/// The addresses of one established IKE SA and how they change (RFC 4555). The original initiator of the first IKE SA decides, also after rekeys;
/// the other side follows. What the peer asks is answered by <see cref="MobilityResponder"/>.
/// </summary>
sealed class PeerMobility(EstablishedIkeSa ike)
{
    // A request that went unanswered this often suggests that the path is dead (RFC 4555 §3.5): from here on every other path is tried as well.
    const int TransmissionsBeforeProbing = 3;

    // RFC 4555 §3.9: several times, as many as a request is sent.
    const int MaximumUnexpectedNats = 6;

    // A bound of ours: a peer may name new addresses and refuse them for ever.
    const int MaximumRefused = 64;

    MobilityState State => ike.Sa.Mobility;
    IkeSa Sa => ike.Sa;
    MobikeOptions Options => ike.Connection.Configuration.Mobike ?? new MobikeOptions();

    /// <summary>Both sides announced MOBIKE.</summary>
    public bool IsEnabled => Sa.Capabilities.Mobike;

    /// <summary>RFC 4555 §1.3: the initiator is who set up the first of a row of rekeyed IKE SAs.</summary>
    public bool WeDecide => ike.Origin.IsInitiator;

    public bool IsUpdatePending
    {
        get => State.IsUpdatePending;
        set => State.IsUpdatePending = value;
    }

    public bool IsChecking => State.IsChecking;

    /// <summary>Where the ESP of the child SAs goes.</summary>
    public NetworkPath EspPath => State.EspPath ?? ChildPath.Of(Sa, ike.Connection.Configuration);

    /// <summary>NAT detection where both sides can do NAT traversal, otherwise its prohibition (RFC 4555 §3.5, §3.9).</summary>
    public IEnumerable<Payload> Protect() =>
        Sa.Capabilities.NatTraversal ? AddressNotifies.NatDetectionFor(Sa, Sa.Path) : ProhibitNats();

    public IEnumerable<Payload> ProhibitNats() => Sa.Capabilities.NatTraversal ? [] : [AddressNotifies.NoNatsAllowed(Sa.Path)];

    /// <summary>The list of our additional addresses if the peer knows another one; nothing otherwise.</summary>
    public IEnumerable<Payload> TakeUnannounced()
    {
        ImmutableArray<IpAddress> addresses = Sa.Context.LocalAddresses;
        if (!HasUnannounced)
            return [];
        State.Announced = addresses;
        return AddressNotifies.List([.. addresses.Where(address => address != Sa.Path.Local.Address)]);
    }

    /// <summary>The addresses of this endpoint have changed.</summary>
    public void HandleLocalAddresses(Instant now)
    {
        State.Refused.Clear();
        if (!Sa.Context.LocalAddresses.Contains(Sa.Path.Local.Address))
            LeaveLostAddress(now);
        if (IsEnabled && ike.IsLive && HasUnannounced && !IsUpdatePending && !ike.Requests.Has<AnnounceAddressesExchange>())
            ike.Requests.Enqueue(new AnnounceAddressesExchange(), now);
    }

    /// <summary>Asks for an UPDATE_SA_ADDRESSES as soon as the window allows.</summary>
    public void Update(Instant now)
    {
        IsUpdatePending = true;
        // One that is under way asks for the next when its answer is here.
        if (!ike.Requests.Has<UpdateAddressesExchange>())
            ike.Requests.Enqueue(new UpdateAddressesExchange(), now);
    }

    public void HandleUpdateAnswered(IkeMessage response, MessageTrace trace, Instant now)
    {
        if (response.FindNotify(NotifyType.UnexpectedNatDetected) is not null)
        {
            HandleUnexpectedNat(now);
            return;
        }
        if (response.FindNotify(NotifyType.UnacceptableAddresses) is not null)
        {
            trace.Note("the peer does not accept this path");
            HandleUnacceptable(now);
            return;
        }
        State.Refused.Clear();
        State.UnexpectedNats = 0;
        ReadNat(response, now);
        Settle();
        trace.Note(Sa.Nat.ToString());
    }

    /// <summary>RFC 4555 §3.9: one changed packet must not make a path unused.</summary>
    public void HandleUnexpectedNat(Instant now)
    {
        if (++State.UnexpectedNats > MaximumUnexpectedNats)
            ike.Close(MobilityReasons.UnexpectedNat, Farewell.Delete, now);
        else
            Update(now);
    }

    /// <summary>The peer's new address must answer before ESP goes there.</summary>
    public void Check(Instant now)
    {
        if (!ike.Requests.Has<ReturnRoutabilityExchange>())
            ike.Requests.Enqueue(new ReturnRoutabilityExchange(), now);
    }

    public void HandleRoutable(Instant now) => Settle();

    /// <summary>ESP goes where the IKE SA is.</summary>
    public void Settle()
    {
        State.EspPath = null;
        State.IsChecking = false;
        ike.UpdateChildPaths();
    }

    /// <summary>
    /// Authenticated ESP came from elsewhere. The host that is not behind a NAT may follow for ESP, never for IKE (RFC 4555 §3.8); another address,
    /// as opposed to another port, would have to be checked, and the peer will notice and say so itself.
    /// </summary>
    public void HandleEspFrom(NetworkPath path)
    {
        if (path == EspPath || path.Encapsulation != PathEncapsulation.UdpEncapsulated || !Sa.Nat.RemoteBehindNat || Sa.Nat.LocalBehindNat
            || IsChecking || (Options.CheckReturnRoutability && path.Remote.Address != Sa.Path.Remote.Address))
            return;
        State.EspPath = path;
        ike.UpdateChildPaths();
    }

    /// <summary>
    /// Paths on which a request goes out as well that stays unanswered (RFC 4555 §3.10), a bounded number. A responder uses the initiator's other addresses
    /// only to tell of its own (§3.6): an answer to anything else would prove nothing about the address that is to be proven (§3.7).
    /// </summary>
    public IEnumerable<NetworkPath> OtherPaths(int transmissions)
    {
        if (!IsEnabled || transmissions < TransmissionsBeforeProbing)
            return [];
        IEnumerable<NetworkPath> pairs = WeDecide || ike.Requests.Current is AnnounceAddressesExchange
            ? AddressPairs.All(Sa, ike.Connection.Configuration, State.PeerAddresses) : [];
        // ESP that has followed a NAT's new mapping keeps the peer from asking, and so from saying where it is: it is reached there.
        if (State.EspPath is NetworkPath esp && !IsChecking)
            pairs = pairs.Prepend(esp);
        return pairs.Where(path => path != Sa.Path).Distinct().Take(AddressPairs.MaximumPaths);
    }

    /// <summary>An answer came: if it came over a path that was only tried, that is the one to use. The peer is told, and checked there.</summary>
    public void HandleAnswerOn(NetworkPath path, int transmissions, Instant now)
    {
        if (WeDecide && path != Sa.Path && OtherPaths(transmissions).Contains(path))
            Move(path, now);
    }

    /// <summary>The original initiator takes another path.</summary>
    public void Move(NetworkPath path, Instant now)
    {
        // RFC 4555 §3.5: the peer's address that is in use needs no further check, a new one may.
        State.EspPath = path.Remote.Address != EspPath.Remote.Address && Options.CheckReturnRoutability ? EspPath : null;
        Tell(path);
        Sa.Path = path;
        ike.UpdateChildPaths();
        Update(now);
        ike.Channel.RepeatRequest(now);
    }

    /// <summary>The path is about to change: counted, and told for the ladder and the log.</summary>
    public void Tell(NetworkPath path)
    {
        if (path == Sa.Path)
            return;
        State.Moves++;
        Sa.Context.Emit(new IkeSaMoved(Sa.Path, path) { Connection = ike.Connection.Name, IkeSa = Sa.Id });
    }

    /// <summary>Behind a NAT a liveness check also asks how the peer sees us (RFC 4555 §3.8).</summary>
    public IEnumerable<Payload> LivenessPayloads() =>
        IsEnabled && WeDecide && Sa.Nat.LocalBehindNat ? AddressNotifies.NatDetectionFor(Sa, Sa.Path) : [];

    public void HandleLivenessAnswered(IkeMessage response, MessageTrace trace, Instant now)
    {
        if (!IsEnabled || !WeDecide || !Sa.Nat.LocalBehindNat || response.FindNotify(NotifyType.NatDetectionDestinationIp) is not NotifyPayload seen
            || seen.Data.Span.SequenceEqual(State.SeenAs.Span))
            return;
        trace.Note("the NAT gave us another address or port");
        State.SeenAs = seen.Data;
        Update(now);
    }

    /// <summary>NAT detection of a message that is about addresses.</summary>
    public void ReadNat(IkeMessage message, Instant now)
    {
        if (message.FindNotify(NotifyType.NatDetectionSourceIp) is null || message.FindNotify(NotifyType.NatDetectionDestinationIp) is not NotifyPayload seen)
            return;
        Sa.Nat = AddressNotifies.ReadNat(message, ike.Channel.InboundPath, Sa.Nat);
        State.SeenAs = seen.Data;
        ike.RefreshKeepalive(now);
    }

    /// <summary>What the old IKE SA could not finish.</summary>
    public void Resume(Instant now)
    {
        if (!IsEnabled)
            return;
        if (IsUpdatePending)
            Update(now);
        if (IsChecking)
            Check(now);
        if (HasUnannounced && !IsUpdatePending)
            ike.Requests.Enqueue(new AnnounceAddressesExchange(), now);
    }

    bool HasUnannounced => !Sa.Context.LocalAddresses.Order().SequenceEqual(State.Announced.Order());

    void LeaveLostAddress(Instant now)
    {
        NetworkPath? next = AddressPairs.All(Sa, ike.Connection.Configuration, State.PeerAddresses).Cast<NetworkPath?>().FirstOrDefault();
        if (IsEnabled)
        {
            // Without any address left there is nothing to do but to wait for one.
            if (next is NetworkPath path)
                LeaveFor(path, now);
        }
        else if (Sa.Nat.LocalBehindNat && next is NetworkPath behindNat && behindNat.Remote == Sa.Path.Remote)
        {
            // RFC 7296 §2.23: the peer follows us by what we send.
            Tell(behindNat);
            Sa.Path = behindNat;
            ike.UpdateChildPaths();
            ike.Requests.Enqueue(new LivenessExchange(), now);
            ike.Channel.RepeatRequest(now);
        }
        else
        {
            ImmutableArray<Reason> reasons = MobilityReasons.LocalAddressGone(Sa.Path.Local.Address);
            Sa.Path = next ?? Sa.Path;
            ike.Close(reasons, next is null ? Farewell.None : Farewell.Delete, now);
        }
    }

    void LeaveFor(NetworkPath path, Instant now)
    {
        if (WeDecide)
        {
            Move(path, now);
            return;
        }
        // RFC 4555 §3.5, §3.6: a responder that cannot send any more from where it did may take another address by itself, and says so. What has to be checked
        // before ESP goes there, and what is being checked, is not settled by that.
        NetworkPath esp = EspPath;
        bool isUnchecked = IsChecking || path.Remote.Address != esp.Remote.Address && Options.CheckReturnRoutability;
        Tell(path);
        Sa.Path = path;
        if (isUnchecked)
        {
            State.EspPath = esp.Remote.Address.IsV6 == path.Local.Address.IsV6 ? esp with { Local = esp.Local with { Address = path.Local.Address } } : esp;
            State.IsChecking = true;
            ike.UpdateChildPaths();
            Check(now);
        }
        else
        {
            Settle();
        }
        ike.Channel.RepeatRequest(now);
    }

    void HandleUnacceptable(Instant now)
    {
        State.Refused.Add(Sa.Path);
        ImmutableArray<NetworkPath> others = AddressPairs.All(Sa, ike.Connection.Configuration, State.PeerAddresses).RemoveAll(State.Refused.Contains);
        if (others.IsEmpty || State.Refused.Count >= MaximumRefused)
            ike.Close(MobilityReasons.Unacceptable(Sa.Path), Farewell.Delete, now);
        else
            Move(others[0], now);
    }
}
