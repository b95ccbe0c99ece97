using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Lab.Run;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>
/// Which of several endpoints a flow takes: of those that have a tunnel up for where it goes, chosen by its hash, so that a flow stays where it is as long as
/// it can. Where none has, those that run, so that a packet is counted where it would go.
/// </summary>
sealed class FlowSpread
{
    readonly FlowHash _hash;

    public FlowSpread(IRandomSource random)
    {
        Span<byte> key = stackalloc byte[FlowHash.KeyLength];
        random.Fill(key);
        _hash = new FlowHash(key);
    }

    /// <summary>Null where none runs.</summary>
    public LabNode? Choose(ImmutableArray<LabNode> nodes, byte[] packet, IpAddress destination)
    {
        int[] able = Indices(nodes, node => node.IsUpFor(destination));
        if (able.Length == 0)
            able = Indices(nodes, node => !node.IsOff);
        if (able.Length == 0 || !IpPacket.TryParse(packet, out IpPacket view))
            return null;
        return nodes[FlowHash.Choose(_hash.Compute(view), able)];
    }

    static int[] Indices(ImmutableArray<LabNode> nodes, Func<LabNode, bool> isMeant) =>
        [.. Enumerable.Range(0, nodes.Length).Where(index => isMeant(nodes[index]))];
}
