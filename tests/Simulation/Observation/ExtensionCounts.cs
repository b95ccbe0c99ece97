using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation.Observation;

/// <summary>Counts what few tunnels have.</summary>
static class ExtensionCounts
{
    /// <summary>A message that arrived.</summary>
    public static void Add(Statistics statistics, MessagePassed message)
    {
        if (message.Payloads.Contains("N(REDIRECT)"))
            statistics.Add(CountKind.Redirections);
        if (message.IsRequest || message.Exchange is not "IKE_AUTH")
            return;
        if (message.Payloads.Contains("N(PPK_IDENTITY)"))
            statistics.Add(CountKind.PostquantumHandshakes);
        if (message.Payloads.Contains("CERT"))
            statistics.Add(CountKind.CertificateHandshakes);
        if (message.Payloads.Any(payload => payload.StartsWith("CP", StringComparison.Ordinal)))
            statistics.Add(CountKind.VirtualAddresses);
    }

    /// <summary>Why an SA was closed.</summary>
    public static void Add(Statistics statistics, ImmutableArray<Reason> reasons)
    {
        foreach (Reason reason in reasons)
        {
            CountKind? kind = reason.Code switch
            {
                "reauthenticated" => CountKind.Reauthentications,
                "peer-crashed" => CountKind.CrashesProven,
                "inactive" => CountKind.InactiveClosed,
                _ => null,
            };
            if (kind is CountKind counted)
                statistics.Add(counted);
        }
    }
}
