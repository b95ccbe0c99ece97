using Ipsec.Azure;
using Ipsec.Azure.Instances;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Reads <c>azure.emulation</c>: the options that have no ARM path.</summary>
static class EmulationReader
{
    public static EmulationOptions Read(NodeReader? emulation)
    {
        EmulationOptions defaults = new();
        return emulation is not NodeReader reader ? defaults : new EmulationOptions
        {
            AcceptAnyTrafficSelectors = reader.Flag("acceptAnyTrafficSelectors") ?? defaults.AcceptAnyTrafficSelectors,
            AcceptObsoleteAlgorithms = reader.Flag("acceptObsoleteAlgorithms") ?? defaults.AcceptObsoleteAlgorithms,
            RequireAddressIdentity = reader.Flag("requireAddressIdentity") ?? defaults.RequireAddressIdentity,
            RekeyPercent = reader.Integer("rekeyPercent") ?? defaults.RekeyPercent,
            RetryDelay = reader.Duration("retryDelay") ?? defaults.RetryDelay,
            SendPacketTooBig = reader.Flag("sendPacketTooBig") ?? defaults.SendPacketTooBig,
            VendorIds = reader.Flag("vendorIds") ?? defaults.VendorIds,
            LimitBandwidth = reader.Flag("limitBandwidth") ?? defaults.LimitBandwidth,
            MssClamp = reader.Integer("mssClamp") is int clamp and > 0 ? clamp : null,
            InnerMtu = reader.Integer("innerMtu") ?? defaults.InnerMtu,
            ExpressRouteConvergence = reader.Duration("expressRouteConvergence") ?? defaults.ExpressRouteConvergence,
            Failover = Failover(reader.Child("failover"), defaults.Failover),
            IkePort = reader.Port("ikePort") ?? defaults.IkePort,
            NatTraversalPort = reader.Port("natTraversalPort") ?? defaults.NatTraversalPort,
        };
    }

    static FailoverDurations Failover(NodeReader? failover, FailoverDurations defaults) => failover is not NodeReader reader ? defaults : new FailoverDurations
    {
        Planned = reader.Duration("planned") ?? defaults.Planned,
        Unplanned = reader.Duration("unplanned") ?? defaults.Unplanned,
        Reboot = reader.Duration("reboot") ?? defaults.Reboot,
    };
}
