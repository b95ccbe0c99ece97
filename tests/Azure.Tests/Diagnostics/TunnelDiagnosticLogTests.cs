using Ipsec.Azure.Diagnostics;
using Ipsec.Crypto;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Diagnostics;

public class TunnelDiagnosticLogTests
{
    const string Machine = "GatewayTenantWorker_IN_0";
    static readonly NetworkPath Path = new(new TransportAddress(IpAddress.Parse("198.51.100.10"), 500), new TransportAddress(IpAddress.Parse("203.0.113.5"), 500), PathEncapsulation.Ike);

    readonly TunnelDiagnosticLog _log = new();

    [Fact]
    public void ATunnelIsConnectedWithItsFirstChildSaAndDisconnectedWithItsLast()
    {
        Follow(0, IkeSa());
        Follow(0, Opened(1));
        Follow(100, Opened(2));
        Follow(101, Closed(1));
        Assert.Equal([new TunnelLogEntry(At(0).Utc, "TunnelConnected", "The tunnel is connected.", "203.0.113.5", Machine, "c", null)], _log.Entries);
        Assert.Equal(At(0).Utc, _log.LastEstablished("c"));

        Follow(200, Closed(2, new Reason("peer-not-responding", Certainty.Known, "The peer did not answer.")));
        Assert.Equal(new TunnelLogEntry(At(200).Utc, "TunnelDisconnected", "The peer did not answer.", "203.0.113.5", Machine, "c", 13805), _log.Entries[1]);
        Follow(300, Opened(3));
        Assert.Equal(At(300).Utc, _log.LastEstablished("c"));
    }

    [Fact]
    public void TheLogHasTheAddressToWhichTheFarEndMoved()
    {
        Follow(0, IkeSa());
        Follow(0, Opened(1));
        Follow(1, new IkeSaMoved(Path, Path with { Remote = new TransportAddress(IpAddress.Parse("203.0.113.99"), 4500) }) { Connection = "c" });
        Follow(2, Closed(1));
        Assert.Equal(("203.0.113.99", "The tunnel was closed."), (_log.Entries[1].RemoteIp, _log.Entries[1].Message));
    }

    [Fact]
    public void AStopEndsWhatWasUpAndNothingElse()
    {
        Follow(0, Opened(1));
        Follow(0, Opened(2) with { Connection = "d" });
        Follow(1, Closed(2) with { Connection = "d" });
        _log.Stopped(Machine, At(5));
        _log.Stopped(Machine, At(6));
        Assert.Equal([("c", 5)], _log.Entries.Skip(3).Select(entry => (entry.Tunnel, (int)(entry.TimeGenerated - At(0).Utc).TotalSeconds)));
    }

    [Fact]
    public void KeepsTheNewestLinesOnly()
    {
        for (uint turn = 0; turn < TunnelDiagnosticLog.Capacity; turn++)
        {
            Follow((int)turn, Opened(turn));
            Follow((int)turn, Closed(turn));
        }
        Assert.Equal(TunnelDiagnosticLog.Capacity, _log.Entries.Length);
        Assert.Equal(At(TunnelDiagnosticLog.Capacity / 2).Utc, _log.Entries[0].TimeGenerated);
    }

    [Fact]
    public void WhatBelongsToNoConnectionOrClosesTwiceIsNotLogged()
    {
        Follow(0, Opened(1) with { Connection = null });
        Follow(0, Closed(1));
        Assert.Empty(_log.Entries);
        Assert.Null(_log.LastEstablished("c"));
    }

    void Follow(int seconds, IkeEvent occurred) => _log.Follow(occurred, Machine, At(seconds));

    static Instant At(int seconds) => new Instant(TimeSpan.Zero, DateTimeOffset.UnixEpoch).Plus(TimeSpan.FromSeconds(seconds));

    static IkeSaEstablished IkeSa() => new(true,
        new IkeSuite(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), PseudorandomFunction.HmacSha1, IntegrityAlgorithm.HmacSha1_96, KeyExchangeMethod.Modp1024),
        Path, "a", "b", false)
    { Connection = "c" };

    static ChildSaEstablished Opened(uint id) => new(new ChildSaId(id), "c",
        new EspSuite(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false, KeyExchangeMethod.None), id, id, [], [], null)
    { Connection = "c" };

    static ChildSaClosed Closed(uint id, params Reason[] reasons) => new(new ChildSaId(id), "c", [.. reasons]) { Connection = "c" };
}
