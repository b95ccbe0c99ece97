using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike;

/// <summary>Everything one engine is told. Immutable; <see cref="IkeEngine.Reload"/> compares connections by value.</summary>
public sealed record IkeEngineConfiguration
{
    /// <summary>Names are unique. Their order decides where D10 leaves a choice between equally specific connections.</summary>
    public required ImmutableArray<ConnectionConfiguration> Connections { get; init; }

    /// <summary>The engine borrows these keys; the owner of the configuration disposes them after the engine has let go of it.</summary>
    public required ImmutableArray<PresharedKey> PresharedKeys { get; init; }

    /// <summary>The outer addresses of this endpoint; the first of a family stands in where a connection names none.</summary>
    public required ImmutableArray<IpAddress> LocalAddresses { get; init; }

    public ushort IkePort { get; init; } = 500;
    public ushort NatTraversalPort { get; init; } = 4500;

    /// <summary>Pools that connections name.</summary>
    public ImmutableArray<AddressPool> Pools { get; init; } = [];

    /// <summary>
    /// From this the tokens of quick crash detection are derived (RFC 6290 §5.1): the same after a restart, as long as it is. Borrowed like the
    /// pre-shared keys. Null makes no tokens; those of peers are understood in any case.
    /// </summary>
    public Secret? QuickCrashDetectionSecret { get; init; }

    public IkeEngineOptions Options { get; init; } = new();
}
