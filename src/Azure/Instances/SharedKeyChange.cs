using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure.Instances;

/// <summary>
/// Which tunnels of an instance get another shared key. A reload of the endpoint by itself leaves them as they are until they authenticate again; Azure resets
/// them at once (the FAQ: a new key briefly resets the tunnel).
/// </summary>
public static class SharedKeyChange
{
    /// <summary>Their names, of those that have the same connection otherwise: another connection begins anew anyway.</summary>
    public static ImmutableArray<string> Between(EndpointConfiguration before, EndpointConfiguration after) =>
    [
        .. after.Tunnels.Where(tunnel => Find(before, tunnel) is TunnelConfiguration old && old.Connection == tunnel.Connection
            && !HaveSameKey(KeyOf(before, old), KeyOf(after, tunnel))).Select(tunnel => tunnel.Connection.Name),
    ];

    static TunnelConfiguration? Find(EndpointConfiguration configuration, TunnelConfiguration tunnel) =>
        configuration.Tunnels.FirstOrDefault(candidate => candidate.Connection.Name == tunnel.Connection.Name);

    /// <summary>A gateway has its keys by the peer's address.</summary>
    static PresharedKey? KeyOf(EndpointConfiguration configuration, TunnelConfiguration tunnel) =>
        configuration.PresharedKeys.FirstOrDefault(key => key.RemoteAddress == tunnel.Connection.RemoteAddress);

    static bool HaveSameKey(PresharedKey? before, PresharedKey? after) =>
        before is null ? after is null : after is not null && before.Key.Span.SequenceEqual(after.Key.Span);
}
