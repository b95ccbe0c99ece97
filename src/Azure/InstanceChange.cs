using System.Collections.Immutable;
using Ipsec.Endpoint;

namespace Ipsec.Azure;

/// <summary>What a change of resources means for one instance of a gateway.</summary>
public sealed record InstanceChange
{
    /// <summary>The gateway's name.</summary>
    public required string Gateway { get; init; }

    /// <summary>0, or 1 in active-active mode.</summary>
    public required int Instance { get; init; }

    /// <summary>From now on; its keys belong to whoever takes the change. Null where the instance is gone.</summary>
    public required EndpointConfiguration? Endpoint { get; init; }

    /// <summary>
    /// The endpoint must begin anew: there was none, or its addresses, ports or inner options are others. Otherwise it is reloaded, which leaves every
    /// tunnel alone whose connection is the same.
    /// </summary>
    public required bool MustStart { get; init; }

    /// <summary>
    /// Tunnels with another shared key: a reload by itself leaves them as they are until they authenticate again, and Azure resets them at once
    /// (the FAQ: a new key briefly resets the tunnel).
    /// </summary>
    public ImmutableArray<string> TunnelsToReset { get; init; } = [];
}
