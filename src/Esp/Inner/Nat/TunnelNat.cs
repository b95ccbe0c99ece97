using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// The address translation of one tunnel. Into the tunnel, destinations lose what ingress rules gave them and sources get what egress rules give; out of it
/// the same backwards. What no rule names passes as it is.
/// </summary>
sealed class TunnelNat
{
    readonly NatTranslator[] _egress;
    readonly NatTranslator[] _ingress;
    readonly ImmutableArray<NatTranslator> _all;

    TunnelNat(ImmutableArray<NatTranslator> all)
    {
        _all = all;
        _egress = [.. all.Where(translator => translator.Rule.Mode == NatMode.EgressSnat)];
        _ingress = [.. all.Where(translator => translator.Rule.Mode == NatMode.IngressSnat)];
    }

    /// <summary>One element per rule, in their order.</summary>
    public ImmutableArray<NatCounters> Counters => [.. _all.Select(translator => translator.Counters)];

    /// <param name="previous">Of the same tunnel: rules that it has too keep their flows and counters.</param>
    /// <param name="hash">To find flows; only dynamic rules need it.</param>
    public static TunnelNat? Build(ImmutableArray<NatRule> rules, TunnelNat? previous, FlowHash? hash)
    {
        if (rules.IsEmpty)
            return null;
        return new TunnelNat([.. rules.Select(rule => previous?._all.FirstOrDefault(known => known.Rule == rule) ?? Create(rule, hash))]);
    }

    /// <summary>On the way into the tunnel. False: drop the packet, nothing of it was changed, or only what no longer matters.</summary>
    public bool TryTranslateOutbound(Span<byte> packet, in IpPacket parsed, TimeSpan now)
    {
        var view = new NatPacket(packet, parsed);
        return TryReverse(_ingress, view, now) && TryForward(_egress, view, now);
    }

    /// <summary>On the way out of the tunnel. False: drop the packet.</summary>
    public bool TryTranslateInbound(Span<byte> packet, in IpPacket parsed, TimeSpan now)
    {
        var view = new NatPacket(packet, parsed);
        return TryReverse(_egress, view, now) && TryForward(_ingress, view, now);
    }

    static NatTranslator Create(NatRule rule, FlowHash? hash) => rule.Kind == NatKind.Static
        ? rule is { InternalPorts: PortRange inside, ExternalPorts: PortRange outside } ? new StaticPortNat(rule, inside, outside) : new StaticNat(rule)
        : new DynamicNat(rule, hash ?? throw new InvalidOperationException("A dynamic rule needs a flow hash."));

    static bool TryForward(NatTranslator[] rules, NatPacket packet, TimeSpan now)
    {
        if (rules.Length == 0)
            return true;
        if (packet.TryGetQuoted(out NatPacket quoted))
            return TryForwardError(rules, packet, quoted, now);
        return FindInternal(rules, packet, isSource: true)?.Forward(packet, now) ?? true;
    }

    static bool TryReverse(NatTranslator[] rules, NatPacket packet, TimeSpan now)
    {
        if (rules.Length == 0)
            return true;
        if (packet.TryGetQuoted(out NatPacket quoted))
            return TryReverseError(rules, packet, quoted, now);
        return FindExternal(rules, packet, isSource: false)?.Reverse(packet, now) ?? true;
    }

    static bool TryForwardError(NatTranslator[] rules, NatPacket packet, NatPacket quoted, TimeSpan now)
    {
        NatTranslator? quotedRule = FindInternal(rules, quoted, isSource: false);
        // An error has no ports: where they count, it goes by the packet that it reports about.
        NatTranslator? rule = quotedRule?.Rule is { HasPorts: true } one && one.Internal.Contains(packet.Source)
            ? quotedRule : FindInternal(rules, packet, isSource: true);
        IpAddress? external = null;
        if (quotedRule is not null)
        {
            uint sum = packet.QuotedSum;
            if (!quotedRule.TryForwardQuoted(quoted, now, out IpAddress translated))
                return Drop(quotedRule);
            packet.QuotedChanged(sum);
            external = translated;
        }
        if (rule is null)
            return true;
        if (rule.ForwardSender(packet.Source, rule == quotedRule ? external : null) is not IpAddress sender)
            return Drop(rule);
        packet.SetSource(sender);
        return true;
    }

    static bool TryReverseError(NatTranslator[] rules, NatPacket packet, NatPacket quoted, TimeSpan now)
    {
        NatTranslator? quotedRule = FindExternal(rules, quoted, isSource: true);
        NatTranslator? rule = quotedRule?.Rule is { HasPorts: true } one && one.External.Contains(packet.Destination)
            ? quotedRule : FindExternal(rules, packet, isSource: false);
        IpAddress? @internal = null;
        if (quotedRule is not null)
        {
            uint sum = packet.QuotedSum;
            if (!quotedRule.TryReverseQuoted(quoted, now, out IpAddress translated))
                return Drop(quotedRule);
            packet.QuotedChanged(sum);
            @internal = translated;
        }
        if (rule is null)
            return true;
        if (rule.ReverseReceiver(packet.Destination, rule == quotedRule ? @internal : null) is not IpAddress receiver)
            return Drop(rule);
        packet.SetDestination(receiver);
        return true;
    }

    static bool Drop(NatTranslator rule)
    {
        rule.CountDrop();
        return false;
    }

    static NatTranslator? FindInternal(NatTranslator[] rules, NatPacket packet, bool isSource)
    {
        foreach (NatTranslator rule in rules)
        {
            if (rule.IsForInternal(packet, isSource))
                return rule;
        }
        return null;
    }

    static NatTranslator? FindExternal(NatTranslator[] rules, NatPacket packet, bool isSource)
    {
        foreach (NatTranslator rule in rules)
        {
            if (rule.IsForExternal(packet, isSource))
                return rule;
        }
        return null;
    }
}
