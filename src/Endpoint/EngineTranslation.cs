using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;

namespace Ipsec.Endpoint;

/// <summary>What the endpoint was told, in the words of its two halves.</summary>
static class EngineTranslation
{
    public static IkeEngineConfiguration ToEngineConfiguration(EndpointConfiguration configuration) => new()
    {
        Connections = [.. configuration.Tunnels.Select(tunnel => tunnel.Connection)],
        PresharedKeys = configuration.PresharedKeys,
        LocalAddresses = configuration.LocalAddresses,
        IkePort = configuration.IkePort,
        NatTraversalPort = configuration.NatTraversalPort,
        Pools = configuration.Pools,
        QuickCrashDetectionSecret = configuration.QuickCrashDetectionSecret,
        Options = configuration.Ike,
    };

    public static DataPathOptions ToDataPathOptions(InnerOptions options) => new()
    {
        Mtu = options.Mtu,
        SendPacketTooBig = options.SendPacketTooBig,
        FragmentInner = options.FragmentInner,
        CopyDscp = options.CopyDscp,
        SpiSlots = options.SpiSlots,
    };

    public static EspTransforms ToTransforms(EspSuite suite) => new(suite.Encryption, suite.Integrity, suite.ExtendedSequenceNumbers);
}
