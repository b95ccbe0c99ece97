using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Diagnosis.Forecast;

/// <summary>How a side proves itself, or what it demands of its peer (RFC 7296 §2.15, §2.16).</summary>
public enum ProofKind
{
    PresharedKey,
    Signature,
    Eap,
}

/// <summary>One side of a connection, for saying what will happen from both configurations without running them (D8).</summary>
public sealed record ForecastSide
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }
    public required ConnectionConfiguration Connection { get; init; }
    public required ImmutableArray<PresharedKey> PresharedKeys { get; init; }

    /// <summary>Its own outer address; null where the configuration leaves that to the machine.</summary>
    public IpAddress? OuterAddress { get; init; }

    /// <summary>The address that its peer sees: behind a NAT the NAT's.</summary>
    public IpAddress? PublicAddress { get; init; }

    /// <summary>False for a side that is configured for IKEv1 only.</summary>
    public bool SpeaksIkev2 { get; init; } = true;

    public ProofKind Proves { get; init; }

    /// <summary>Empty demands nothing in particular.</summary>
    public ImmutableArray<ProofKind> Demands { get; init; } = [];

    /// <summary>It can dial: it may, and knows where to.</summary>
    public bool CanDial => Connection.MayInitiate && (Connection.RemoteAddress is not null || Connection.RemoteName is not null);

    /// <summary>The identity that it sends; null where that depends on the machine.</summary>
    internal Identity? LocalIdentity => Connection.LocalIdentity ?? (OuterAddress is IpAddress address ? Identity.From(address) : null);
}
