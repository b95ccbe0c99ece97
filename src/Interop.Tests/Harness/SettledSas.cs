namespace Ipsec.Interop.Tests.Harness;

/// <summary>One IKE SA with one child SA, as both sides list them.</summary>
sealed record SettledSas(HostTunnel Ours, HostChildSa OurChild, StrongSwanIkeSa Theirs, StrongSwanChildSa TheirChild)
{
    internal static SettledSas? TryMatch(HostTunnel ours, IReadOnlyList<StrongSwanIkeSa> theirs)
    {
        if (!ours.IsEstablished || ours.IkeSa is null || ours.ChildSas.Count != 1 || theirs.Count != 1)
            return null;
        // strongSwan keeps the inbound half of a deleted child SA for five seconds more.
        StrongSwanChildSa[] living = [.. theirs[0].Children.Where(child => child.State != "DELETED")];
        if (living.Length != 1)
            return null;
        HostChildSa ourChild = ours.ChildSas[0];
        StrongSwanChildSa theirChild = living[0];
        bool same = theirs[0].IsEstablished && theirChild.IsInstalled
            && (ours.IkeSa.SpiInitiator, ours.IkeSa.SpiResponder) == (theirs[0].InitiatorSpi, theirs[0].ResponderSpi)
            && ours.IkeSa.Role == (theirs[0].IsInitiator ? "responder" : "initiator")
            && (ourChild.SpiIn, ourChild.SpiOut) == (theirChild.SpiOut.ToString("x8"), theirChild.SpiIn.ToString("x8"));
        return same ? new SettledSas(ours, ourChild, theirs[0], theirChild) : null;
    }
}
