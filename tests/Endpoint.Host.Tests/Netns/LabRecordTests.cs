using Ipsec.EndpointHost.Netns;

namespace Ipsec.EndpointHost.Tests.Netns;

public sealed class LabRecordTests
{
    [Fact]
    public void AProcessIsTheLabsOnlyIfItStartedWhenTheLabDid()
    {
        var record = new LabRecord("lab", "/lab.yaml", Environment.ProcessId, LabRecord.OwnStart, [], [], []);
        Assert.True(record.IsRunning);
        Assert.False((record with { ProcessStart = record.ProcessStart + 1 }).IsRunning);
        Assert.False((record with { ProcessId = int.MaxValue }).IsRunning);
    }

    [Fact]
    public void ANameDoesNotLeadOutOfTheFolder()
    {
        var record = new LabRecord("../../etc/passwd", "/lab.yaml", 1, 1, [], [], []);
        Assert.Equal("/run/ipsec-endpoint/labs/.._.._etc_passwd.json", record.Path);
        Assert.Equal(LabRecord.Folder, Path.GetDirectoryName(record.OutputFolder));
    }
}
