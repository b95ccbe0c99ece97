using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Both sides hold the same child SAs: keys, SPIs and selectors crosswise.</summary>
static class Agreement
{
    public static void AssertSame(EnginePair pair)
    {
        Assert.Equal(pair.A.Installed.Count, pair.B.Installed.Count);
        foreach (InstallChildSa ours in pair.A.Installed.Values)
        {
            InstallChildSa theirs = Assert.Single(pair.B.Installed.Values, candidate => candidate.InboundSpi == ours.OutboundSpi);
            AssertSame(ours, theirs);
        }
    }

    public static void AssertSame(InstallChildSa ours, InstallChildSa theirs)
    {
        Assert.Equal(ours.InboundSpi, theirs.OutboundSpi);
        Assert.Equal(ours.OutboundSpi, theirs.InboundSpi);
        Assert.Equal(ours.Suite, theirs.Suite);
        Assert.Equal(ours.InboundEncryptionKey.Span, theirs.OutboundEncryptionKey.Span);
        Assert.Equal(ours.OutboundEncryptionKey.Span, theirs.InboundEncryptionKey.Span);
        Assert.Equal(ours.InboundIntegrityKey.Span, theirs.OutboundIntegrityKey.Span);
        Assert.Equal(ours.OutboundIntegrityKey.Span, theirs.InboundIntegrityKey.Span);
        Assert.False(ours.InboundEncryptionKey.Span.SequenceEqual(ours.OutboundEncryptionKey.Span));
        Assert.Equal<TrafficSelector>(ours.LocalSelectors, theirs.RemoteSelectors);
        Assert.Equal<TrafficSelector>(ours.RemoteSelectors, theirs.LocalSelectors);
    }
}
