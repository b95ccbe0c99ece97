using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>Both halves of an installed child SA and what they share: selectors, path, and which reports were made.</summary>
sealed class TunnelSa
{
    readonly ImmutableArray<TrafficSelector> _localSelectors;
    readonly ImmutableArray<TrafficSelector> _remoteSelectors;
    PathHolder _path;
    PathHolder? _observedPath;
    int _softLimitReported;
    int _hardLimitReached;
    int _firstInboundReported;

    /// <exception cref="ArgumentException">The transforms are not supported or the keys do not fit them.</exception>
    public TunnelSa(TunnelSaParameters parameters, bool isActive, IRandomSource random)
    {
        Id = parameters.Id;
        Tunnel = parameters.Tunnel;
        Replaces = parameters.Replaces;
        _localSelectors = parameters.LocalSelectors;
        _remoteSelectors = parameters.RemoteSelectors;
        _path = new PathHolder(parameters.Path);
        TransportMode = parameters.TransportMode;
        // What is made together lies together: a packet that goes out looks at this, at its path and at the outbound half.
        Outbound = new OutboundAssociation(this, parameters, isActive, random);
        try
        {
            Inbound = new InboundAssociation(this, parameters);
        }
        catch
        {
            Outbound.Close();
            throw;
        }
    }

    public ulong Id { get; }
    public int Tunnel { get; }
    public ulong? Replaces { get; }

    /// <summary>Null in tunnel mode.</summary>
    public TransportModeAddresses? TransportMode { get; }
    public InboundAssociation Inbound { get; }
    public OutboundAssociation Outbound { get; }
    public ImmutableArray<TrafficSelector> LocalSelectors => _localSelectors;
    public ImmutableArray<TrafficSelector> RemoteSelectors => _remoteSelectors;

    public PathHolder Path => Volatile.Read(ref _path);

    /// <summary>The newest path that authenticated packets came from, if it is another one than <see cref="Path"/>.</summary>
    public PathHolder? ObservedPath => Volatile.Read(ref _observedPath);

    /// <summary>Reached in either direction: nothing passes any more.</summary>
    public bool IsHardLimitReached => Volatile.Read(ref _hardLimitReached) != 0;

    public void SetPath(NetworkPath path)
    {
        Volatile.Write(ref _path, new PathHolder(path));
        Volatile.Write(ref _observedPath, null);
    }

    /// <summary>Does a packet from the peer lie inside the selectors (RFC 4301 §5.2 step 4)?</summary>
    public bool AllowsInbound(in Flow flow) => flow.SourceMatches(_remoteSelectors) && flow.DestinationMatches(_localSelectors);

    // Each of these is true for exactly one caller, who then makes the report.

    public bool TryClaimSoftLimit() => Volatile.Read(ref _softLimitReported) == 0 && Interlocked.Exchange(ref _softLimitReported, 1) == 0;

    public bool TryClaimHardLimit() => Interlocked.Exchange(ref _hardLimitReached, 1) == 0;

    public bool TryClaimFirstInbound() =>
        Volatile.Read(ref _firstInboundReported) == 0 && Interlocked.Exchange(ref _firstInboundReported, 1) == 0;

    /// <summary>True once per new path that differs from the one in use.</summary>
    public bool TryClaimPathChange(in NetworkPath path)
    {
        if (path.Equals(Path.Path))
            return false;
        PathHolder? observed = ObservedPath;
        if (observed is not null && path.Equals(observed.Path))
            return false;
        return Interlocked.CompareExchange(ref _observedPath, new PathHolder(path), observed) == observed;
    }
}
