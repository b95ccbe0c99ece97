using Ipsec.Simulation.Bugs;
using Ipsec.Simulation.Cells;

namespace Ipsec.Simulation.Tests;

/// <summary>A simulation that finds nothing proves nothing: bugs planted in one end of each tunnel are found.</summary>
public sealed class PlantedBugTests
{
    [Fact]
    public void FindsNothingInWhatIsSound() => Assert.Empty(Run(PlantedBug.None).Violations);

    [Fact]
    public void FindsALostDelete() =>
        // The hub goes on with an SA that its peer has given up: packets are lost, and there is one too many.
        AssertFinds(PlantedBug.LostDelete, "is lost although the wire lost nothing", "SAs at the hub, 1 at the spoke");

    [Fact]
    public void FindsAWrongTieBreak() => AssertFinds(PlantedBug.WrongTieBreak, "settle");

    [Fact]
    public void FindsAReusedSequenceNumber() => AssertFinds(PlantedBug.ReusedSequenceNumber, "used twice with one key");

    [Fact]
    public void AFailingCellReplaysAlone()
    {
        SimulationRun all = Run(PlantedBug.WrongTieBreak);
        Violation found = all.Violations[0];
        SimulationRun alone = Run(PlantedBug.WrongTieBreak, found.Cell);
        Assert.Equal(found, alone.Violations[0]);
        Assert.Equal(all.Cells.Single(cell => cell.Plan.Number == found.Cell).Digest.Value, Assert.Single(alone.Cells).Digest.Value);
    }

    static void AssertFinds(PlantedBug bug, params string[] signs) =>
        Assert.Contains(Run(bug).Violations, violation => signs.Any(sign => violation.What.Contains(sign, StringComparison.Ordinal)));

    static SimulationRun Run(PlantedBug bug, int? onlyCell = null)
    {
        SimulationRun run = new(new SimulationOptions { Seed = 1, Tunnels = 16, TunnelHours = 16, Bug = bug, OnlyCell = onlyCell });
        run.Run();
        return run;
    }
}
