using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Diagnostics;

public class TunnelLogTests
{
    const string Machine = "GatewayTenantWorker_IN_0";
    static readonly NetworkPath Path = new(new TransportAddress(IpAddress.Parse("198.51.100.10"), 500),
        new TransportAddress(IpAddress.Parse("203.0.113.5"), 500), PathEncapsulation.Ike);

    readonly InstanceDiagnostics _diagnostics = new("hub-gw");

    [Fact]
    public void ATunnelIsConnectedWithItsFirstChildSaAndDisconnectedWithItsLast()
    {
        Follow(0, IkeSa());
        Follow(0, Opened(1));
        Follow(100, Opened(2));
        Follow(101, Closed(1));
        Assert.Equal((At(0).Utc, DiagnosticCategory.TunnelDiagnosticLog, "TunnelConnected", DiagnosticLevel.Informational, "The tunnel is connected.",
            "hub-gw", "203.0.113.5", Machine, "c", null),
            Columns(Assert.Single(Entries)));
        Assert.Equal(At(0).Utc, _diagnostics.LastEstablished("c"));

        Follow(200, Closed(2, new Reason("peer-not-responding", Certainty.Known, "The peer did not answer.")));
        Assert.Equal((At(200).Utc, DiagnosticCategory.TunnelDiagnosticLog, "TunnelDisconnected", DiagnosticLevel.Warning, "The peer did not answer.", "hub-gw",
            "203.0.113.5", Machine, "c", 13805),
            Columns(Entries[1]));
        Assert.Equal([new ReasonReport("peer-not-responding", "known", "The peer did not answer.", 13805)], Entries[1].Reasons);
        Follow(300, Opened(3));
        Assert.Equal(At(300).Utc, _diagnostics.LastEstablished("c"));
    }

    [Fact]
    public void TheLogHasTheAddressToWhichTheFarEndMoved()
    {
        Follow(0, IkeSa());
        Follow(0, Opened(1));
        Follow(1, new IkeSaMoved(Path, Path with { Remote = new TransportAddress(IpAddress.Parse("203.0.113.99"), 4500) }) { Connection = "c" });
        Follow(2, Closed(1));
        Assert.Equal(("203.0.113.99", "The tunnel was closed."), (Entries[1].RemoteIp, Entries[1].Message));
    }

    [Fact]
    public void AStopEndsWhatWasUpAndNothingElse()
    {
        Follow(0, Opened(1));
        Follow(0, Opened(2) with { Connection = "d" });
        Follow(1, Closed(2) with { Connection = "d" });
        _diagnostics.Stopped(Nothing, Machine, At(5));
        _diagnostics.Stopped(Nothing, Machine, At(6));
        Assert.Equal([("c", 5)], Entries.Skip(3).Select(entry => (entry.Tunnel, (int)(entry.TimeGenerated - At(0).Utc).TotalSeconds)));
    }

    [Fact]
    public void KeepsTheNewestLinesOnly()
    {
        for (uint turn = 0; turn < DiagnosticLog.Capacity; turn++)
        {
            Follow((int)turn, Opened(turn));
            Follow((int)turn, Closed(turn));
        }
        Assert.Equal(DiagnosticLog.Capacity, Entries.Length);
        Assert.Equal(At(DiagnosticLog.Capacity / 2).Utc, Entries[0].TimeGenerated);
    }

    [Fact]
    public void WhatBelongsToNoConnectionOrClosesTwiceIsNotLogged()
    {
        Follow(0, Opened(1) with { Connection = null });
        Follow(0, Closed(1));
        Assert.Empty(Entries);
        Assert.Null(_diagnostics.LastEstablished("c"));
    }

    static EndpointStatus Nothing => new("hub-gw", [], ImmutableSortedDictionary<string, ulong>.Empty);

    ImmutableArray<DiagnosticLogEntry> Entries => _diagnostics.Entries(DiagnosticCategory.TunnelDiagnosticLog);

    static (DateTimeOffset, DiagnosticCategory, string, DiagnosticLevel, string, string, string?, string, string?, int?) Columns(DiagnosticLogEntry entry) =>
        (entry.TimeGenerated, entry.Category, entry.OperationName, entry.Level, entry.Message, entry.Resource, entry.RemoteIp, entry.Instance, entry.Tunnel,
            entry.AzureError);

    void Follow(int seconds, IkeEvent occurred) => _diagnostics.Follow(new EndpointEvent(occurred), Machine, At(seconds));

    static Instant At(int seconds) => new Instant(TimeSpan.Zero, DateTimeOffset.UnixEpoch).Plus(TimeSpan.FromSeconds(seconds));

    static IkeSaEstablished IkeSa() => new(true,
        new IkeSuite(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), PseudorandomFunction.HmacSha1, IntegrityAlgorithm.HmacSha1_96,
            KeyExchangeMethod.Modp1024),
        Path, "a", "b", false)
    { Connection = "c" };

    static ChildSaEstablished Opened(uint id) => new(new ChildSaId(id), "c",
        new EspSuite(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false, KeyExchangeMethod.None), id, id, [], [], null)
    { Connection = "c" };

    static ChildSaClosed Closed(uint id, params Reason[] reasons) => new(new ChildSaId(id), "c", [.. reasons]) { Connection = "c" };
}
