using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public class AuthenticationPayloadTests
{
    const string SharedKey = "00 00 000b  02 000000  0a0b0c";

    [Fact]
    public void HasKnownAnswer() => PayloadCheck.HasKnownAnswer(
        new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, new byte[] { 10, 11, 12 }), SharedKey);

    [Fact]
    public void NeedsItsFields() => PayloadCheck.SurvivesTruncation(PayloadType.Authentication, SharedKey, mayParse: length => length >= 4);
}
