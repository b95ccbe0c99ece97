using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>What we do ourselves about the child SAs of an IKE SA: ask for those that are wanted, rekey them, close what is over.</summary>
sealed class ChildUpkeep(EstablishedIkeSa ike)
{
    public void Rekey(ChildSa child, Instant now)
    {
        if (!ike.IsLive || child.Slot.Current != child || child.Slot.Rekey is not null)
            return;
        child.Slot.Rekey = CreateChildExchange.Rekey(child);
        ike.Requests.Enqueue(child.Slot.Rekey, now);
    }

    /// <summary>A hard limit: it carries nothing any more. Where the connection should be up, another one takes its place.</summary>
    public void Expire(ChildSa child, ImmutableArray<Reason> reasons, Instant now)
    {
        child.Slot.Close(child, reasons, now);
        ike.Connection.Manager.EnsureChildrenSoon(ike.Connection, now);
    }

    /// <summary>Nothing has passed for the configured time. Without another child SA the IKE SA has no purpose either.</summary>
    public void CloseInactive(ChildSa child, Instant now)
    {
        if (!ike.Children.HasOtherThan(child.Slot) && !ike.Requests.Has<CreateChildExchange>())
        {
            ike.Close(Reasons.Inactive, Farewell.Delete, now, ClosureCause.Inactivity);
            return;
        }
        ChildConfiguration[] carried = [.. ike.Children.Parts.CarriedBy(child)];
        child.Slot.Close(child, Reasons.Inactive, now);
        ConnectionManager.HandleInactive(ike, carried);
    }

    /// <summary>
    /// Asks for every child SA of these names that is not there and not on its way. Of what the peer has narrowed the rest is asked for pair by pair, unless
    /// packets do that.
    /// </summary>
    public void Ensure(IEnumerable<string> names, Instant now)
    {
        if (!ike.IsLive)
            return;
        foreach (string name in names)
        {
            if (ike.Connection.FindChild(name) is not { } child || ike.Requests.Has<CreateChildExchange>(exchange => exchange.Makes(name)))
                continue;
            if (!ike.Children.Parts.IsUp(child))
                ike.Requests.Enqueue(CreateChildExchange.New(child), now);
            else if (!ike.Connection.IsTrapped)
                AddParts(child, now);
        }
    }

    /// <summary>The peer narrowed this child: another SA of it for the part that the packet needs (RFC 7296 §2.9). Bounded.</summary>
    public void AddPart(ChildConfiguration child, PacketFlow packet, Instant now)
    {
        if (ike.IsLive && !ike.Children.HasManyParts(child.Name) && !ike.Requests.Has<CreateChildExchange>(exchange => exchange.Makes(child.Name)))
            ike.Requests.Enqueue(CreateChildExchange.Part(child, packet), now);
    }

    /// <summary>Asks for what an older IKE SA with the same peer has, unless it is there.</summary>
    public void CarryOn(ChildSa older, Instant now)
    {
        Ensure(ike.Children.Parts.CarriedBy(older).Select(child => child.Name), now);
        if (ChildParts.IsWithinItsChild(older) && !ike.Children.Parts.Replaces(older))
            ike.Requests.Enqueue(CreateChildExchange.CarryingOn(older), now);
    }

    void AddParts(ChildConfiguration child, Instant now)
    {
        foreach (SelectorPair pair in ike.Children.Parts.Missing(child).Take(ike.Children.FreeParts(child.Name)).ToArray())
            ike.Requests.Enqueue(CreateChildExchange.Part(child, pair), now);
    }
}
