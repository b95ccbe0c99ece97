using Ipsec.EndpointHost.Control;

namespace Ipsec.EndpointHost.CommandLine;

/// <summary>The status for people: node, tunnels, SAs, reasons, and the counters that are not zero.</summary>
static class StatusTable
{
    public static void Write(StatusDocument status, TextWriter output)
    {
        string instance = status.Instances.Length > 1 ? $" instances {string.Join(" and ", status.Instances.Select(one => one.Instance))}"
            : status.Instance > 0 ? $" instance {status.Instance}" : "";
        string state = status.Ready ? "ready" : "not ready";
        output.WriteLine($"{status.Node}{instance} of {status.Topology}: {state}, up {Duration(status.UptimeSeconds)}, process {status.ProcessId}, version {status.Version}");
        output.WriteLine($"  outer  {string.Join(", ", status.LocalAddresses)}, UDP {status.IkePort} and {status.NatTraversalPort}");
        foreach (InstanceDocument one in status.Instances)
            Write(one, status.Instances.Length > 1, output);
        foreach (TunnelDocument tunnel in status.Tunnels)
            Write(tunnel, status.Instances.Length > 1, output);
        IEnumerable<KeyValuePair<string, ulong>> counted = status.Counters.Where(counter => counter.Value > 0);
        if (!counted.Any())
            return;
        output.WriteLine();
        output.WriteLine("Counters");
        int width = counted.Max(counter => counter.Key.Length);
        foreach ((string name, ulong value) in counted)
            output.WriteLine($"  {name.PadRight(width)}  {value}");
    }

    static void Write(InstanceDocument one, bool isOneOfSeveral, TextWriter output)
    {
        string served = one.Serving ? $"served by {one.Machine}" : $"not served, last by {one.Machine}";
        if (isOneOfSeveral)
            output.WriteLine($"  instance {one.Instance}: {string.Join(", ", one.LocalAddresses)}, {served}");
        else if (!one.Serving)
            output.WriteLine($"  {served}");
        if (one.Inner is InnerDocument inner)
            output.WriteLine($"  inner  {inner.Interface ?? inner.Kind}, {(inner.Routes.IsEmpty ? "no routes" : $"routes {string.Join(", ", inner.Routes)}")}");
    }

    static void Write(TunnelDocument tunnel, bool isOneOfSeveral, TextWriter output)
    {
        output.WriteLine();
        string where = isOneOfSeveral ? $" on instance {tunnel.Instance}" : "";
        output.WriteLine($"{tunnel.Connection}{where}: {tunnel.State}, {tunnel.Local ?? "any"} === {tunnel.Remote ?? "any"}, IKEv{tunnel.IkeVersion}");
        foreach (ReasonDocument reason in tunnel.Reasons)
            output.WriteLine($"  reason {reason.Text} ({reason.Code}, {reason.Certainty})");
        if (tunnel.IkeSa is IkeSaDocument sa)
        {
            output.WriteLine($"  IKE    {sa.SpiInitiator}_i {sa.SpiResponder}_r, {sa.Role}, {tunnel.IkeProposal}, {Age(sa.AgeSeconds, sa.RekeyInSeconds)}");
            output.WriteLine($"         {sa.LocalIdentity} at {sa.LocalEndpoint} <-> {sa.RemoteIdentity} at {sa.RemoteEndpoint}{Nat(sa)}");
        }
        foreach (ChildSaDocument child in tunnel.ChildSas)
        {
            output.WriteLine($"  ESP    {child.Name}: SPIs {child.SpiIn} in {child.SpiOut} out, {child.Proposal}, {Age(child.AgeSeconds, child.RekeyInSeconds)}");
            output.WriteLine($"         {string.Join(' ', child.LocalSelectors)} === {string.Join(' ', child.RemoteSelectors)}");
            output.WriteLine($"         in {child.PacketsIn} packets {child.BytesIn} octets, out {child.PacketsOut} packets {child.BytesOut} octets");
        }
        output.WriteLine($"  total  in {tunnel.Traffic.PacketsIn} packets {tunnel.Traffic.BytesIn} octets, out {tunnel.Traffic.PacketsOut} packets {tunnel.Traffic.BytesOut} octets");
        foreach (NatDocument nat in tunnel.Nat)
        {
            output.WriteLine($"  NAT    {nat.Type} {nat.Mode} {nat.Internal} <-> {nat.External}: {nat.NatedPackets} packets out, {nat.ReverseNatedPackets} back"
                + $"{(nat.Type == "Dynamic" ? $", {nat.Flows} flows" : "")}{(nat.DroppedPackets > 0 ? $", {nat.DroppedPackets} dropped" : "")}");
        }
    }

    static string Nat(IkeSaDocument sa) => (sa.LocalBehindNat, sa.RemoteBehindNat) switch
    {
        (true, true) => ", both behind NAT",
        (true, false) => ", we are behind NAT",
        (false, true) => ", the peer is behind NAT",
        _ => "",
    };

    static string Age(double age, double? rekeyIn) => $"{Duration(age)} old{(rekeyIn is double seconds ? $", rekey in {Duration(seconds)}" : "")}";

    static string Duration(double seconds)
    {
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        return duration.TotalDays >= 1 ? $"{(int)duration.TotalDays}d{duration.Hours}h"
            : duration.TotalHours >= 1 ? $"{duration.Hours}h{duration.Minutes:00}m"
            : duration.TotalMinutes >= 1 ? $"{duration.Minutes}m{duration.Seconds:00}s"
            : $"{duration.Seconds}s";
    }
}
