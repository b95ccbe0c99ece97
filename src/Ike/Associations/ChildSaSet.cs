using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>The installed child SAs of one IKE SA, oldest first: installation, limits, removal.</summary>
sealed class ChildSaSet(EstablishedIkeSa ike)
{
    readonly List<ChildSa> _children = [];

    public IReadOnlyList<ChildSa> All => _children;

    public ChildSa? FindByOutboundSpi(uint spi) => _children.Find(child => child.OutboundSpi == spi);

    public ChildSa? FindById(ChildSaId id) => _children.Find(child => child.Id == id);

    /// <summary>A living SA of this configured child: neither replaced nor about to go.</summary>
    public bool HasLive(string name) => _children.Exists(child => child.Configuration.Name == name && !child.IsReplaced && !child.IsClosing);

    /// <summary>
    /// Derives the keys and asks for both directions to be installed. As responder of a rekey the old SA goes on sending until the peer
    /// is known to have the new one; otherwise the new one sends at once (RFC 7296 §2.8, D4).
    /// </summary>
    public ChildSa Install(ChildSaAgreement agreement, Instant now)
    {
        LifetimePlan plan = LifetimePlan.Draw(ike.Sa.Context, agreement.Configuration.Lifetime);
        var child = new ChildSa
        {
            Id = ike.Sa.Context.NextChildSaId(),
            Configuration = agreement.Configuration,
            Suite = agreement.Suite,
            InboundSpi = agreement.InboundSpi,
            OutboundSpi = agreement.OutboundSpi,
            LocalSelectors = agreement.Selectors.Local,
            RemoteSelectors = agreement.Selectors.Remote,
            CreatedAt = now,
            Owner = ike,
        };
        ProtectedChannel channel = ike.Channel;
        ChildKeys keys = ChildKeys.Derive(channel.Suite.Prf, channel.Keys.SkD, agreement.Suite, agreement.SharedSecret, agreement.NonceI.Span, agreement.NonceR.Span);
        bool weInitiated = agreement.WeInitiated;
        ike.Sa.Context.Outputs.Add(new InstallChildSa
        {
            Id = child.Id,
            IkeSa = ike.Sa.Id,
            Connection = ike.Connection.Name,
            Child = child.Configuration.Name,
            Suite = child.Suite,
            InboundSpi = child.InboundSpi,
            OutboundSpi = child.OutboundSpi,
            // The receiver of the output owns the keys from here on.
            InboundEncryptionKey = weInitiated ? keys.ResponderEncryption : keys.InitiatorEncryption,
            InboundIntegrityKey = weInitiated ? keys.ResponderIntegrity : keys.InitiatorIntegrity,
            OutboundEncryptionKey = weInitiated ? keys.InitiatorEncryption : keys.ResponderEncryption,
            OutboundIntegrityKey = weInitiated ? keys.InitiatorIntegrity : keys.ResponderIntegrity,
            LocalSelectors = child.LocalSelectors,
            RemoteSelectors = child.RemoteSelectors,
            Path = ike.Mobility.EspPath,
            Activation = weInitiated || agreement.Replaces is null ? OutboundActivation.Immediately : OutboundActivation.OnFirstInbound,
            Replaces = agreement.Replaces?.Id,
            ReplayWindow = child.Configuration.ReplayWindow,
            Lifetime = child.Configuration.Lifetime,
            SoftBytes = plan.SoftBytes,
            SoftPackets = plan.SoftPackets,
        });
        if (plan.Soft is TimeSpan soft)
            child.SoftTimer = ike.Sa.Context.Timers.Schedule(now, soft, at => child.Owner.RekeyChild(child, at));
        if (plan.Hard is TimeSpan hard)
            child.HardTimer = ike.Sa.Context.Timers.Schedule(now, hard, at => child.Owner.ExpireChild(child, Diagnosis.Reasons.HardLifetime, at));
        _children.Add(child);
        ike.Sa.Context.ChildSas.Add(child.Id, child);
        ike.Sa.Context.Emit(new ChildSaEstablished(child.Id, child.Configuration.Name, child.Suite, child.InboundSpi, child.OutboundSpi,
            child.LocalSelectors, child.RemoteSelectors, agreement.Replaces?.Id)
        { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        return child;
    }

    /// <summary>Takes one out, with its timers. A replaced one may still receive for a while what is on its way (D4).</summary>
    public void Remove(ChildSa child, ImmutableArray<Reason> reasons)
    {
        if (!_children.Remove(child))
            return;
        StopTimers(child);
        ike.Sa.Context.ChildSas.Remove(child.Id);
        ike.Sa.Context.Outputs.Add(new RemoveChildSa(child.Id, child.IsReplaced ? ike.Sa.Context.Options.ReplacedInboundGrace : TimeSpan.Zero));
        ike.Sa.Context.Emit(new ChildSaClosed(child.Id, child.Configuration.Name, reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
    }

    public void RemoveAll(ImmutableArray<Reason> reasons)
    {
        foreach (ChildSa child in _children.ToArray())
            Remove(child, reasons);
    }

    /// <summary>RFC 7296 §2.8: a rekeyed IKE SA leaves all of its child SAs to the new one.</summary>
    public void MoveTo(EstablishedIkeSa successor)
    {
        foreach (ChildSa child in _children)
            child.Owner = successor;
        successor.Children._children.AddRange(_children);
        _children.Clear();
    }

    public void StopTimers()
    {
        foreach (ChildSa child in _children)
            StopTimers(child);
    }

    /// <summary>The rekey has happened: the soft limit means nothing any more, the hard one still does.</summary>
    public void MarkReplaced(ChildSa child)
    {
        child.IsReplaced = true;
        ike.Sa.Context.Timers.Cancel(child.SoftTimer);
        child.SoftTimer = null;
    }

    void StopTimers(ChildSa child)
    {
        ike.Sa.Context.Timers.Cancel(child.SoftTimer);
        ike.Sa.Context.Timers.Cancel(child.HardTimer);
        child.SoftTimer = child.HardTimer = null;
    }
}

/// <summary>Everything two sides agreed on for a child SA.</summary>
/// <param name="WeInitiated">The exchange that made it was ours: its Ni and the initiator's keys are ours (RFC 7296 §2.17).</param>
sealed record ChildSaAgreement(ChildConfiguration Configuration, EspSuite Suite, uint InboundSpi, uint OutboundSpi, ChildSelectors Selectors,
    Secret? SharedSecret, ReadOnlyMemory<byte> NonceI, ReadOnlyMemory<byte> NonceR, bool WeInitiated, ChildSa? Replaces);
