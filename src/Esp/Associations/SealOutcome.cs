namespace Ipsec.Esp.Associations;

/// <summary>What came of sealing one packet.</summary>
enum SealOutcome
{
    Sealed,

    /// <summary>The SA was removed meanwhile.</summary>
    Closed,

    /// <summary>A hard limit, or the last sequence number was used.</summary>
    Exhausted,
}
