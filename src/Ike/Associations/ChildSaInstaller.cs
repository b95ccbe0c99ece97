using System.Collections.Immutable;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>From an agreement to an installed child SA with its limits, and back.</summary>
static class ChildSaInstaller
{
    /// <summary>Derives the keys and asks for both directions to be installed.</summary>
    /// <param name="waitsFor">The SA that goes on sending until the peer is known to use the new one (RFC 7296 §2.8, D4); null sends at once.</param>
    /// <param name="replaces">The SA of which it is the rekey.</param>
    public static ChildSa Install(ChildSlot slot, ChildSaAgreement agreement, ChildSa? waitsFor, ChildSa? replaces, Instant now)
    {
        EstablishedIkeSa ike = slot.Owner;
        EngineContext context = ike.Sa.Context;
        LifetimePlan plan = LifetimePlan.Draw(context, agreement.Configuration.Lifetime);
        var child = new ChildSa(context.NextChildSaId(), slot, agreement, now);
        ProtectedChannel channel = ike.Channel;
        ChildKeys keys = ChildKeys.Derive(channel.Suite.Prf, channel.Keys.SkD, agreement.Suite, agreement.SharedSecret, agreement.NonceI.Span,
            agreement.NonceR.Span,
            agreement.AdditionalSecret);
        bool weInitiated = agreement.WeInitiated;
        context.Outputs.Add(new InstallChildSa
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
            TransportMode = agreement.TransportMode,
            Path = ike.Mobility.EspPath,
            Activation = waitsFor is null ? OutboundActivation.Immediately : OutboundActivation.OnFirstInbound,
            Replaces = (waitsFor ?? replaces)?.Id,
            ReplayWindow = child.Configuration.ReplayWindow,
            Lifetime = child.Configuration.Lifetime,
            SoftBytes = plan.SoftBytes,
            SoftPackets = plan.SoftPackets,
        });
        if (plan.Soft is TimeSpan soft)
            child.SoftTimer = context.Timers.Schedule(now, soft, at => child.Owner.ChildUpkeep.Rekey(child, at));
        if (plan.Hard is TimeSpan hard)
            child.HardTimer = context.Timers.Schedule(now, hard, at => child.Owner.ChildUpkeep.Expire(child, Reasons.HardLifetime, at));
        context.ChildSas.Add(child.Id, child);
        context.Emit(new ChildSaEstablished(child.Id, child.Configuration.Name, child.Suite, child.InboundSpi, child.OutboundSpi,
            child.LocalSelectors, child.RemoteSelectors, replaces?.Id)
        { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        return child;
    }

    /// <summary>A replaced one may still receive for a while what is on its way (D4).</summary>
    public static void Uninstall(ChildSa child, ImmutableArray<Reason> reasons)
    {
        EstablishedIkeSa ike = child.Owner;
        EngineContext context = ike.Sa.Context;
        StopTimers(child);
        context.ChildSas.Remove(child.Id);
        context.Outputs.Add(new RemoveChildSa(child.Id, child.IsReplaced ? context.Options.ReplacedInboundGrace : TimeSpan.Zero));
        context.Emit(new ChildSaClosed(child.Id, child.Configuration.Name, reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
    }

    public static void StopTimers(ChildSa child)
    {
        EngineContext context = child.Owner.Sa.Context;
        context.Timers.Cancel(child.SoftTimer);
        context.Timers.Cancel(child.HardTimer);
        context.Timers.Cancel(child.LeaveTimer);
        context.Timers.Cancel(child.ActivationTimer);
        child.SoftTimer = child.HardTimer = child.LeaveTimer = child.ActivationTimer = null;
    }
}
