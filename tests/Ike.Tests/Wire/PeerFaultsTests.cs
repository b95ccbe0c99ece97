using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class PeerFaultsTests
{
    [Fact]
    public void GivesEveryFaultATagOfItsOwn()
    {
        string[] tags = [.. Enum.GetValues<PeerFault>().Select(PeerFaults.Tag)];
        Assert.Equal(tags.Length, tags.Distinct().Count());
        Assert.All(tags, tag => Assert.Matches("^[a-z]+(-[a-z]+)*$", tag));
    }

    [Theory]
    // RFC 7296 §2.5, §3.10.1: two answers may be given to anybody.
    [InlineData(nameof(PeerFault.InvalidMajorVersion), NotifyType.InvalidMajorVersion, NotifyType.InvalidMajorVersion)]
    [InlineData(nameof(PeerFault.UnknownCriticalPayload), NotifyType.UnsupportedCriticalPayload, NotifyType.UnsupportedCriticalPayload)]
    // INVALID_SYNTAX only to who is authenticated.
    [InlineData(nameof(PeerFault.InvalidSyntax), null, NotifyType.InvalidSyntax)]
    [InlineData(nameof(PeerFault.MissingPayload), null, NotifyType.InvalidSyntax)]
    [InlineData(nameof(PeerFault.TooShort), null, null)]
    [InlineData(nameof(PeerFault.ProtectionFailed), null, null)]
    public void AnswersAsTheRfcSays(string fault, NotifyType? inClear, NotifyType? authenticated)
    {
        PeerFault value = Enum.Parse<PeerFault>(fault);
        Assert.Equal(inClear, PeerFaults.Answer(value, isAuthenticated: false));
        Assert.Equal(authenticated, PeerFaults.Answer(value, isAuthenticated: true));
    }
}
