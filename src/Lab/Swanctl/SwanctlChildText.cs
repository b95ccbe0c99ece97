using System.Globalization;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Lab.Swanctl;

/// <summary>A child of a connection as sections of a swanctl.conf.</summary>
static class SwanctlChildText
{
    /// <summary>
    /// Policy-based devices negotiate an SA for each pair of networks, and so does an Azure gateway with usePolicyBasedTrafficSelectors. A pair is two
    /// selectors with packets in common: of one family, and of one protocol where both name one.
    /// </summary>
    public static IEnumerable<ChildConfiguration> Pairs(ChildConfiguration child)
    {
        bool isWhole = child.Mode == ChildMode.Transport || !child.DynamicLocalSelectors.IsEmpty || !child.DynamicRemoteSelectors.IsEmpty
            || child.LocalSelectors.Any(IsAny) || child.RemoteSelectors.Any(IsAny);
        (TrafficSelector Local, TrafficSelector Remote)[] pairs =
        [
            .. from local in child.LocalSelectors
               from remote in child.RemoteSelectors
               where local.Addresses.First.IsV6 == remote.Addresses.First.IsV6
                   && (local.Protocol == remote.Protocol || local.Protocol == 0 || remote.Protocol == 0)
               select (local, remote),
        ];
        return isWhole || pairs.Length == 0 ? [child] : pairs.Select((pair, index) => child with
        {
            Name = index == 0 ? child.Name : $"{child.Name}-{index + 1}",
            LocalSelectors = [pair.Local],
            RemoteSelectors = [pair.Remote],
        });
    }

    static bool IsAny(TrafficSelector selector) => selector == TrafficSelector.AnyV4 || selector == TrafficSelector.AnyV6;

    /// <param name="id">Of the XFRM interface of a route-based connection; null for policies of the kernel.</param>
    public static void Write(SettingsText text, ConnectionConfiguration connection, ChildConfiguration child, int? id)
    {
        text.Open(SwanctlWriter.NameOf(child.Name));
        text.Set("local_ts", SwanctlWriter.Selectors(child.LocalSelectors, child.DynamicLocalSelectors));
        text.Set("remote_ts", SwanctlWriter.Selectors(child.RemoteSelectors, child.DynamicRemoteSelectors));
        text.Set("esp_proposals", SwanctlWriter.Proposals([.. child.InitiatorProposals.Union(child.ResponderProposals)]));
        if (child.Mode == ChildMode.Transport)
            text.Set("mode", "transport");
        if (id is int number)
        {
            text.Set("if_id_in", SwanctlWriter.Number(number));
            text.Set("if_id_out", SwanctlWriter.Number(number));
        }
        WriteLifetime(text, child.Lifetime);
        text.Set("start_action", connection.StartAction switch { StartAction.Start => "start", StartAction.Traffic => "trap", _ => "none" });
        text.Set("close_action", ActionAfter(connection.CloseAction, connection.StartAction, "none", "start"));
        text.Set("dpd_action", ActionAfter(connection.DeadPeerAction, connection.StartAction, "clear", "restart"));
        if (child.InactivityTimeout is TimeSpan inactivity)
            text.Set("inactivity", SwanctlWriter.Seconds(inactivity));
        if (child.ReplayWindow == 0)
            text.Set("replay_window", "0");
        text.Close();
    }

    static void WriteLifetime(SettingsText text, Lifetime lifetime)
    {
        text.Set("rekey_time", SwanctlWriter.Seconds(lifetime.RekeyTime));
        text.Set("life_time", SwanctlWriter.Seconds(lifetime.HardTime));
        text.Set("rand_time", SwanctlWriter.Seconds(lifetime.RekeyJitter));
        foreach ((string key, ulong? limit) in (ReadOnlySpan<(string, ulong?)>)[("rekey_bytes", lifetime.RekeyBytes), ("life_bytes", lifetime.HardBytes),
            ("rekey_packets", lifetime.RekeyPackets), ("life_packets", lifetime.HardPackets)])
        {
            if (limit is ulong number)
                text.Set(key, number.ToString(CultureInfo.InvariantCulture));
        }
    }

    static string ActionAfter(EndAction action, StartAction start, string nothing, string again) => action switch
    {
        EndAction.Start => again,
        EndAction.Trap => "trap",
        EndAction.None => nothing,
        _ => start switch { StartAction.Start => again, StartAction.Traffic => "trap", _ => nothing },
    };
}
