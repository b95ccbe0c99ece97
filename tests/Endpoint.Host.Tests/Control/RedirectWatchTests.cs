using Ipsec.EndpointHost.Control;
using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Tests.Control;

/// <summary>When a command that waits for a redirection is done.</summary>
public sealed class RedirectWatchTests
{
    readonly RedirectWatch _watch = new();

    [Fact]
    public void AnotherIkeSaThatEndsIsNotTheOneThatWasMeant()
    {
        Assert.False(_watch.Sees(Closed(7)));
        Assert.False(_watch.Sees(Redirected(1)));
        Assert.False(_watch.Sees(Redirected(2)));
        Assert.False(_watch.Sees(Closed(7)));
        Assert.False(_watch.Sees(Closed(1)));
        Assert.True(_watch.Sees(Closed(2)));
    }

    [Fact]
    public void ARekeyHandsTheRedirectionOn()
    {
        Assert.False(_watch.Sees(Redirected(1)));
        Assert.False(_watch.Sees(new IkeSaEstablished(false, null!, default, "", "", IsRekey: true) { IkeSa = new IkeSaId(3) }));
        Assert.False(_watch.Sees(Closed(1, "rekeyed")));
        Assert.True(_watch.Sees(Closed(3)));
    }

    static MessagePassed Redirected(ulong id) => new(true, true, "INFORMATIONAL", 0, false, default, 1, 2, ["N(REDIRECT)"], []) { IkeSa = new IkeSaId(id) };

    static IkeSaClosed Closed(ulong id, string code = "deleted-by-peer") => new(true, [new Reason(code, default, "")]) { IkeSa = new IkeSaId(id) };
}
