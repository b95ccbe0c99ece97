namespace Ipsec.Lab.Network;

/// <summary>How a NAT behaves, in the terms of RFC 4787.</summary>
sealed record NatOptions
{
    /// <summary>How long a mapping lives after the last packet from inside (RFC 4787 REQ-5: at least two minutes).</summary>
    public TimeSpan MappingTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Use the inside port on the public side while it is free (RFC 4787 REQ-3); off, so that a lab shows ports that change.</summary>
    public bool PreservesPorts { get; init; }

    /// <summary>The first public port that is given out; counts up from there.</summary>
    public ushort FirstPort { get; init; } = 61000;
}
