using Ipsec.Ike.Outputs;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;

namespace Ipsec.Lab.Tests.Run;

public sealed class LongRunTests
{
    // Azure's lifetimes (8 h and 7.5 h) and the device's own (4 h and 1 h): every rekey of a working day and a night.
    [Fact]
    public void ADayOfPingsSurvivesEveryRekeyWithoutALoss()
    {
        using LabRun run = Labs.Start(Labs.Sample("site-to-site.yaml"), new LabOptions { Duration = TimeSpan.FromHours(24) });
        int childRekeys = 0;
        int ikeRekeys = 0;
        int faults = 0;
        var lost = new List<PingCompleted>();
        run.Occurred += occurred =>
        {
            switch (occurred)
            {
                case PingCompleted { RoundTripTime: null } ping:
                    lost.Add(ping);
                    break;
                case NodeEvent { Event: ChildSaEstablished { Replaces: not null } }:
                    childRekeys++;
                    break;
                case NodeEvent { Event: IkeSaEstablished { IsRekey: true } }:
                    ikeRekeys++;
                    break;
                case NodeEvent { Event: PeerFaultCounted or NegotiationRefused or IkeSaClosed { WasEstablished: false } }:
                    faults++;
                    break;
            }
        };
        run.RunToEnd(TestContext.Current.CancellationToken);
        LabReport report = run.CreateReport();
        Labs.AssertPassed(report);
        Assert.Empty(lost);
        Assert.Equal(0, faults);
        Assert.StartsWith("4320 of 4320 answered", report.Expectations[1].Detail);
        // Each rekey is told by both ends.
        Assert.InRange(childRekeys, 2 * 23, 2 * 32);
        Assert.InRange(ikeRekeys, 2 * 5, 2 * 8);
    }
}
