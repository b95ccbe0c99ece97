using System.Globalization;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Support;

/// <summary>Topologies for tests: the samples, and short ones written beside the test.</summary>
static class Labs
{
    /// <summary>
    /// Two devices that dial each other; <c>{0}</c> takes more keys of the left device, <c>{1}</c> of the right one, <c>{2}</c> the right one's key.
    /// </summary>
    const string TwoDevices = """
        name: two-devices
        sites:
          left:
            networks: [10.1.0.0/24]
            device: {{ address: 192.0.2.1, connections: [{{ name: link, peer: right, sharedKey: secret-of-both }}]{0} }}
          right:
            networks: [10.2.0.0/24]
            device: {{ address: 198.51.100.1, startAction: none, connections: [{{ name: link, peer: left, sharedKey: {2} }}]{1} }}
        hosts:
          a: {{ in: left, address: 10.1.0.10 }}
          b: {{ in: right, address: 10.2.0.10 }}

        """;

    public static TopologyModel Sample(string name) => Samples.Load(Samples.Read(name));

    public static TopologyModel Devices(string left, string right, string rest, string rightKey = "secret-of-both") =>
        Samples.Load(string.Format(CultureInfo.InvariantCulture, TwoDevices, left, right, rightKey) + rest);

    public static LabRun Start(TopologyModel model, LabOptions? options = null)
    {
        var run = new LabRun(model, options ?? new LabOptions());
        run.Start();
        return run;
    }

    public static LabReport RunToEnd(TopologyModel model, LabOptions? options = null)
    {
        using LabRun run = Start(model, options);
        run.RunToEnd();
        LabReport report = run.CreateReport();
        run.ShutdownToEnd();
        Assert.True(run.IsClosed);
        return report;
    }

    public static void AssertPassed(LabReport report) =>
        Assert.True(report.Passed, string.Join('\n', report.Expectations.Select(expectation =>
            $"{expectation.Passed} {expectation.Description}: {expectation.Detail}")));
}
