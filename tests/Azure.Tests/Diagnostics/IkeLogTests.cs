using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Diagnostics;

public class IkeLogTests
{
    const string Machine = "GatewayTenantWorker_IN_1";
    const string Start = "SESSION_ID :{11223344-5566-7788-0000-000000000000} Remote 203.0.113.5:4500: Local 198.51.100.10:500: ";
    static readonly NetworkPath Path = new(new TransportAddress(IpAddress.Parse("198.51.100.10"), 500), new TransportAddress(IpAddress.Parse("203.0.113.5"), 4500), PathEncapsulation.Ike);

    readonly InstanceDiagnostics _diagnostics = new("hub-gw");

    [Fact]
    public void AMessageHasDirectionExchangeAndCookies()
    {
        Follow(0, Passed(sent: false, isRequest: true, "IKE_SA_INIT") with { Connection = null });
        Follow(0, Passed(sent: true, isRequest: false, "IKE_AUTH") with { IsRetransmission = true, Notes = ["as 203.0.113.5"] });

        Assert.Equal($"{Start}[RECEIVED][SA_INIT] Received SA_INIT request 3: SA(1) Ni iCookie 0x1122334455667788 rCookie 0x0000000000000009", Entries[0].Message);
        Assert.Equal($"{Start}[SEND][SA_AUTH] Sending again SA_AUTH response 3: SA(1) Ni (as 203.0.113.5) iCookie 0x1122334455667788 rCookie 0x0000000000000009", Entries[1].Message);
        Assert.Equal((null, "c", "203.0.113.5", Machine), (Entries[0].Tunnel, Entries[1].Tunnel, Entries[1].RemoteIp, Entries[1].Instance));
    }

    [Theory]
    [InlineData(true, "[RECEIVED] Proposed", "TSIs 1: StartAddress 10.1.0.0", "TSRs 1: StartAddress 10.2.0.0")]
    [InlineData(false, "[SEND] Proposed", "TSIs 1: StartAddress 10.2.0.0", "TSRs 1: StartAddress 10.1.0.0")]
    public void TsiAreTheSelectorsOfWhoAsked(bool weAsked, string direction, string tsi, string tsr)
    {
        Follow(0, Passed(sent: weAsked, isRequest: true, "CREATE_CHILD_SA"));
        Follow(0, Passed(sent: !weAsked, isRequest: false, "CREATE_CHILD_SA"));
        Follow(0, new ChildSaEstablished(new ChildSaId(1), "c", new EspSuite(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false, KeyExchangeMethod.None),
            0x729, 2, Selectors("10.1.0.0/16"), Selectors("10.2.0.0/24"), null)
        { Connection = "c" });

        string message = Entries[^1].Message;
        Assert.StartsWith($"{Start}{direction} Traffic Selector payload will be (Final Negotiated) - [Tsid 0x729 ]Number of {tsi}", message);
        Assert.Contains($"Number of {tsr}", message);
    }

    [Fact]
    public void ARefusalStandsInTheSessionOfTheMessageThatIsRefused()
    {
        Follow(0, Passed(sent: false, isRequest: true, "IKE_SA_INIT") with { Connection = null });
        Follow(0, new NegotiationRefused(false, "IKE_SA_INIT", [new Reason("no-connection", Certainty.Known, "There is none.")]));

        Assert.Equal(($"{Start}[SEND][NOTIFY] Sending Notify Message - IKE_SA_INIT refused with status No policy configured [ErrorCode] 0x3601 [ErrorMessage] No policy configured", 13825, DiagnosticLevel.Error),
            (Entries[1].Message, Entries[1].AzureError, Entries[1].Level));
        Assert.Equal([new ReasonReport("no-connection", "known", "There is none.", 13825)], Entries[1].Reasons);
    }

    [Fact]
    public void AClosedSessionSaysItsStatus()
    {
        Follow(0, Passed(sent: true, isRequest: true, "IKE_SA_INIT"));
        Follow(5, new IkeSaClosed(false, [new Reason("peer-not-responding", Certainty.Known, "Nobody answered.")]) { Connection = "c" });
        Follow(6, new IkeSaClosed(true, []) { Connection = "c" });

        Assert.Equal(($"{Start}[LOCAL_MSG] IKE Tunnel closed with status Negotiation timed out [ErrorCode] 0x35ED [ErrorMessage] Negotiation timed out", DiagnosticLevel.Error),
            (Entries[1].Message, Entries[1].Level));
        Assert.Equal(("[LOCAL_MSG] IKE Tunnel closed", DiagnosticLevel.Warning), (Entries[2].Message, Entries[2].Level));
    }

    [Fact]
    public void AStrangersFaultIsToldOnceAMinute()
    {
        for (int second = 0; second < 90; second++)
        {
            Follow(second, new PeerFaultCounted("unknown-ike-spi", Path));
            Follow(second, new PeerFaultCounted("altered-retransmission", Path));
        }

        Assert.Equal(4, Entries.Length);
        Assert.Equal((13846, "203.0.113.5", DiagnosticLevel.Warning), (Entries[0].AzureError, Entries[0].RemoteIp, Entries[0].Level));
        Assert.EndsWith("[RECEIVED] Ignored: unknown-ike-spi [ErrorCode] 0x3616 [ErrorMessage] Invalid cookie received", Entries[0].Message);
        Assert.Null(Entries[1].AzureError);
    }

    [Fact]
    public void RoutesAreLoggedAsTheyComeAndGo()
    {
        IpPrefix[] prefixes = [IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("10.3.0.0/24"), IpPrefix.Parse("10.4.0.0/24")];
        Follow(0, new InnerRoutesChanged([prefixes[0], prefixes[1]]));
        Follow(1, new InnerRoutesChanged([prefixes[1], prefixes[2]]));
        Follow(2, new InnerRoutesChanged([prefixes[1], prefixes[2]]));

        Assert.Equal(["Static routes added: 10.2.0.0/24, 10.3.0.0/24", "Static routes added: 10.4.0.0/24", "Static routes removed: 10.2.0.0/24"],
            _diagnostics.Entries(DiagnosticCategory.RouteDiagnosticLog).Select(entry => entry.Message));
    }

    ImmutableArray<DiagnosticLogEntry> Entries => _diagnostics.Entries(DiagnosticCategory.IKEDiagnosticLog);

    void Follow(int seconds, IkeEvent occurred) => Follow(seconds, new EndpointEvent(occurred));

    void Follow(int seconds, EndpointOutput output) => _diagnostics.Follow(output, Machine, new Instant(TimeSpan.Zero, DateTimeOffset.UnixEpoch).Plus(TimeSpan.FromSeconds(seconds)));

    static MessagePassed Passed(bool sent, bool isRequest, string exchange) =>
        new(sent, isRequest, exchange, 3, false, Path, 0x1122334455667788, 9, ["SA(1)", "Ni"], []) { Connection = "c" };

    static ImmutableArray<TrafficSelector> Selectors(string prefix) => [TrafficSelector.From(IpPrefix.Parse(prefix))];
}
