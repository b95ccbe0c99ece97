using System.Runtime.InteropServices;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netlink;

/// <summary>What a policy routing rule does with a packet that it matches.</summary>
enum RuleAction : byte
{
    LookUpTable = 1,
    GoTo = 2,
    Nothing = 3,
}

/// <summary>One policy routing rule of ours. <see cref="Table"/> is the table that it looks up; the others carry it as their owner's mark.</summary>
readonly record struct RoutingRule(int Family, uint Priority, RuleAction Action, uint Table)
{
    /// <summary>Matches packets from this address.</summary>
    public IpAddress? Source { get; init; }
    public byte IpProtocol { get; init; }

    /// <summary>Matches this source port; 0 is any.</summary>
    public ushort SourcePort { get; init; }
    public uint GoToPriority { get; init; }

    /// <summary>A default route that the table answers with does not count (suppress_prefixlength 0).</summary>
    public bool SuppressDefaultRoute { get; init; }
}

/// <summary>Policy routing rules (linux/fib_rules.h).</summary>
static class RuleRequests
{
    const ushort NewRule = 32;
    const ushort DeleteRule = 33;
    const ushort GetRule = 34;

    const ushort RuleSource = 2;
    const ushort RuleGoTo = 4;
    const ushort RulePriority = 6;
    const ushort RuleSuppressPrefixLength = 14;
    const ushort RuleTable = 15;
    const ushort RuleProtocol = 21;
    const ushort RuleIpProtocol = 22;
    const ushort RuleSourcePorts = 23;

    [StructLayout(LayoutKind.Sequential)]
    struct RuleMessage
    {
        public byte Family;
        public byte DestinationLength;
        public byte SourceLength;
        public byte TypeOfService;
        public byte Table;
        public byte Reserved1;
        public byte Reserved2;
        public byte Action;
        public uint Flags;
    }

    public static int Add(NetlinkSocket netlink, RoutingRule rule) => netlink.Request(Message(NewRule, NetlinkFlags.Create, rule));

    public static int Delete(NetlinkSocket netlink, RoutingRule rule) => netlink.Request(Message(DeleteRule, 0, rule));

    /// <summary>Every rule of ours, in a form that <see cref="Delete"/> takes.</summary>
    public static List<RoutingRule> Ours(NetlinkSocket netlink)
    {
        var rules = new List<RoutingRule>();
        netlink.Dump(new NetlinkMessage(GetRule, 0).Body(default(RuleMessage)), (type, body) =>
        {
            if (type != NewRule || body.Length < 12)
                return;
            RuleMessage rule = MemoryMarshal.Read<RuleMessage>(body);
            var attributes = new NetlinkAttributes(body[12..]);
            if (attributes.GetByte(RuleProtocol) != RoutingProtocol.Number || rule.Family is not (SocketConstants.Inet or SocketConstants.Inet6))
                return;
            rules.Add(new RoutingRule(rule.Family, attributes.GetUInt32(RulePriority), (RuleAction)rule.Action, attributes.GetUInt32(RuleTable))
            {
                Source = attributes.TryGet(RuleSource, out ReadOnlySpan<byte> source) ? IpAddress.FromBytes(source) : null,
                IpProtocol = attributes.GetByte(RuleIpProtocol),
                SourcePort = attributes.TryGet(RuleSourcePorts, out ReadOnlySpan<byte> ports) ? BitConverter.ToUInt16(ports) : (ushort)0,
                GoToPriority = attributes.GetUInt32(RuleGoTo),
                SuppressDefaultRoute = attributes.TryGet(RuleSuppressPrefixLength, out ReadOnlySpan<byte> suppress)
                    && BitConverter.ToInt32(suppress) == 0,
            });
        });
        return rules;
    }

    static NetlinkMessage Message(ushort type, ushort flags, RoutingRule rule)
    {
        NetlinkMessage message = new NetlinkMessage(type, flags)
            .Body(new RuleMessage
            {
                Family = (byte)rule.Family,
                SourceLength = (byte)(rule.Source?.BitLength ?? 0),
                Action = (byte)rule.Action,
            })
            .Attribute(RulePriority, rule.Priority)
            .Attribute(RuleTable, rule.Table)
            .Attribute(RuleProtocol, RoutingProtocol.Number);
        if (rule.Source is IpAddress source)
            message.Attribute(RuleSource, source.ToByteArray());
        if (rule.IpProtocol != 0)
            message.Attribute(RuleIpProtocol, rule.IpProtocol);
        if (rule.SourcePort != 0)
            message.Attribute(RuleSourcePorts, rule.SourcePort | (uint)rule.SourcePort << 16);
        if (rule.Action == RuleAction.GoTo)
            message.Attribute(RuleGoTo, rule.GoToPriority);
        if (rule.SuppressDefaultRoute)
            message.Attribute(RuleSuppressPrefixLength, 0u);
        return message;
    }
}
