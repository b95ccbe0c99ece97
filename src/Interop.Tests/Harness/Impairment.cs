namespace Ipsec.Interop.Tests.Harness;

/// <summary>What a wire does to its packets: shares in percent of all that pass in one direction, drawn from a seeded source.</summary>
sealed record Impairment(double Loss = 0, double Duplication = 0, double Reordering = 0, double Corruption = 0)
{
    internal static readonly Impairment None = new();

    /// <summary>A packet that is held back is overtaken by so many others at most.</summary>
    internal const int MostOvertaking = 12;

    /// <summary>And goes on after this time, where not so many come.</summary>
    internal static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(4);
}

/// <summary>What a wire has done to the packets of one direction.</summary>
/// <param name="Read">Packets that came.</param>
/// <param name="Written">Packets that went on, copies among them.</param>
/// <param name="Overtaken">Packets that were held back until at least one other had gone before them.</param>
sealed record ImpairmentCounts(long Read, long Written, long Lost, long Duplicated, long Overtaken, long Corrupted);
