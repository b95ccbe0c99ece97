using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>IKEV2_FRAGMENTATION_SUPPORTED, both ways (RFC 7383 §2.3).</summary>
sealed class FragmentationTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        // A responder answers the announcement; it never begins it.
        if (IsWanted(situation) && situation.Request?.FindNotify(NotifyType.Ikev2FragmentationSupported) is not null == situation.Request is not null)
            yield return new NotifyPayload(NotifyType.Ikev2FragmentationSupported);
    }

    public override void Read(InitSituation situation, IkeMessage message)
    {
        if (!IsWanted(situation) || message.FindNotify(NotifyType.Ikev2FragmentationSupported) is null)
            return;
        IkeSa sa = situation.Sa;
        sa.Capabilities = sa.Capabilities with { Fragmentation = true };
        // Before it is known which connection it is, the smallest size of all suits every one.
        sa.FragmentSize = situation.Connections.Where(connection => connection.Fragmentation == FragmentationPolicy.Yes)
            .Select(connection => connection.FragmentSize).DefaultIfEmpty().Min();
    }

    static bool IsWanted(InitSituation situation) => situation.Connections.Any(connection => connection.Fragmentation != FragmentationPolicy.No);
}
