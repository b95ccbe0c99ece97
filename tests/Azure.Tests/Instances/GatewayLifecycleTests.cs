using Ipsec.Azure.Instances;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Instances;

public class GatewayLifecycleTests
{
    static readonly FailoverDurations Durations = new() { Planned = Seconds(15), Unplanned = Seconds(90), Reboot = Seconds(60) };

    [Fact]
    public void TheDefaultsAreTheLongerOnesOfTheDocuments()
    {
        var durations = new FailoverDurations();
        Assert.Equal((Seconds(15), Seconds(90)), (durations.Planned, durations.Unplanned));
    }

    [Theory]
    [InlineData(FailoverKind.Planned, 15)]
    [InlineData(FailoverKind.Unplanned, 90)]
    public void TheAddressMovesToTheOtherMachineAfterItsTime(FailoverKind kind, int seconds)
    {
        var gateway = new GatewayLifecycle(isActiveActive: false, Durations);
        Assert.True(gateway.Fail(kind, null, At(100)).IsAccepted);
        Assert.Equal([new EndpointStopped(0, 0, kind)], Take(gateway));
        Assert.Null(gateway.MachineOf(0));
        Assert.Equal(Seconds(100 + seconds), gateway.NextTimeout);

        gateway.HandleTimeout(At(100 + seconds - 1));
        Assert.Empty(Take(gateway));
        gateway.HandleTimeout(At(100 + seconds));
        LifecycleOutput started = Assert.Single(Take(gateway));
        Assert.Equal(new EndpointStarted(0, 1), started);
        Assert.Equal("GatewayTenantWorker_IN_1", started.MachineName);
        Assert.Equal(1, gateway.MachineOf(0));
        Assert.Null(gateway.NextTimeout);
    }

    [Fact]
    public void ASecondFailoverWaitsForTheMachineThatStillReboots()
    {
        var gateway = new GatewayLifecycle(isActiveActive: false, Durations);
        gateway.Fail(FailoverKind.Planned, null, At(0));
        gateway.HandleTimeout(At(15));
        Assert.True(gateway.Fail(FailoverKind.Planned, null, At(20)).IsAccepted);
        // The first machine is up again at 60 s, not at 20 + 15.
        Assert.Equal(Seconds(60), gateway.NextTimeout);
        gateway.HandleTimeout(At(60));
        Assert.Equal(0, gateway.MachineOf(0));
    }

    [Fact]
    public void AFailoverInAFailoverIsRefused()
    {
        var gateway = new GatewayLifecycle(isActiveActive: false, Durations);
        gateway.Fail(FailoverKind.Unplanned, null, At(0));
        Assert.Equal("Its last failover is not over yet.", gateway.Fail(FailoverKind.Planned, null, At(1)).Error);
        Assert.Equal("Its last failover is not over yet.", gateway.Maintain(At(1)).Error);
        Assert.Single(Take(gateway));
    }

    [Fact]
    public void AnActiveActiveAddressWaitsForItsOwnMachine()
    {
        var gateway = new GatewayLifecycle(isActiveActive: true, Durations);
        gateway.Fail(FailoverKind.Unplanned, 1, At(0));
        Assert.Equal([new EndpointStopped(1, 1, FailoverKind.Unplanned)], Take(gateway));
        Assert.Equal((0, null), (gateway.MachineOf(0), gateway.MachineOf(1)));
        gateway.HandleTimeout(At(60));
        Assert.Equal([new EndpointStarted(1, 1)], Take(gateway));
    }

    [Fact]
    public void AResetWithoutAnAddressIsOfTheFirstMachineHoweverOften()
    {
        var gateway = new GatewayLifecycle(isActiveActive: true, Durations);
        for (int time = 0; time < 300; time += 100)
        {
            Assert.True(gateway.Fail(FailoverKind.Planned, null, At(time)).IsAccepted);
            gateway.HandleTimeout(At(time + 60));
            Assert.Equal([new EndpointStopped(0, 0, FailoverKind.Planned), new EndpointStarted(0, 0)], Take(gateway));
        }
    }

    [Fact]
    public void AnInstanceThatDoesNotExistIsRefusedInWords() =>
        Assert.Equal("There is no instance 1; accepted: 0.", new GatewayLifecycle(isActiveActive: false, Durations).Fail(FailoverKind.Planned, 1, At(0)).Error);

    [Fact]
    public void MaintenanceRebootsTheStandbyFirst()
    {
        var gateway = new GatewayLifecycle(isActiveActive: false, Durations);
        Assert.True(gateway.Maintain(At(0)).IsAccepted);
        Assert.Equal("It is being maintained already.", gateway.Maintain(At(1)).Error);
        Assert.Empty(Take(gateway));
        gateway.HandleTimeout(At(60));
        Assert.Equal([new EndpointStopped(0, 0, FailoverKind.Planned)], Take(gateway));
        gateway.HandleTimeout(At(75));
        Assert.Equal([new EndpointStarted(0, 1)], Take(gateway));
        Assert.Null(gateway.NextTimeout);
    }

    [Fact]
    public void MaintenanceOfTwoActiveMachinesNeverTakesBothAway()
    {
        var gateway = new GatewayLifecycle(isActiveActive: true, Durations);
        gateway.Maintain(At(0));
        Assert.Equal([new EndpointStopped(0, 0, FailoverKind.Planned)], Take(gateway));
        gateway.HandleTimeout(At(60));
        Assert.Equal([new EndpointStarted(0, 0), new EndpointStopped(1, 1, FailoverKind.Planned)], Take(gateway));
        gateway.HandleTimeout(At(120));
        Assert.Equal([new EndpointStarted(1, 1)], Take(gateway));
        Assert.True(gateway.Maintain(At(121)).IsAccepted);
    }

    static LifecycleOutput[] Take(GatewayLifecycle gateway)
    {
        List<LifecycleOutput> outputs = [];
        while (gateway.TryTakeOutput(out LifecycleOutput? output))
            outputs.Add(output);
        return [.. outputs];
    }

    static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    static Instant At(int seconds) => new(Seconds(seconds), DateTimeOffset.UnixEpoch + Seconds(seconds));
}
