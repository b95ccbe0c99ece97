namespace Ipsec.Simulation.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void ReadsEveryOption()
    {
        string[] arguments = "--seed 7 --tunnel-hours 2.5 --tunnels 3 --only 1 --bug lostdelete --seeds 4-9 --processes 2".Split(' ');
        Assert.True(CommandLine.TryParse(arguments, out CommandLine? line, out _));
        Assert.Equal(new SimulationOptions { Seed = 7, TunnelHours = 2.5, Tunnels = 3, OnlyCell = 1, Bug = Bugs.PlantedBug.LostDelete }, line.Simulation);
        Assert.Equal((4UL, 9UL), line.Seeds);
        Assert.Equal(2, line.Processes);
    }

    [Fact]
    public void ReadsAnUndisturbedNetwork()
    {
        Assert.True(CommandLine.TryParse(["--endpoints", "1000", "--hours", "2"], out CommandLine? line, out _));
        Assert.Equal(new UndisturbedOptions(1000, TimeSpan.FromHours(2)), line.Simulation.Undisturbed);
    }

    [Theory]
    [InlineData("--hours", "2")]
    [InlineData("--seed", "x")]
    [InlineData("--seed")]
    [InlineData("--tunnel-hours", "0")]
    [InlineData("--tunnels", "-1")]
    [InlineData("--seeds", "9-4")]
    [InlineData("--fast", "1")]
    public void RefusesWhatItDoesNotKnow(params string[] arguments)
    {
        Assert.False(CommandLine.TryParse(arguments, out _, out string? error));
        Assert.Contains($"'{string.Join(' ', arguments)}' is no option", error);
    }
}
