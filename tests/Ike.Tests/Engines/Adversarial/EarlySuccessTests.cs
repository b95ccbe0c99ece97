using Ipsec.Fuzz;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 8, as far as there is no EAP here: an EAP payload of any kind in any state proves nothing and opens nothing. Answers to CVE-2021-45079,
/// CVE-2015-8023 (success before or without the method's end), CVE-2023-26463 (an untrusted key taken as valid), CVE-2015-4171 (constraints on the responder
/// looked at too late), CVE-2025-62291, CVE-2026-25075 and CVE-2026-35330 (lengths inside EAP).
/// </summary>
public class EarlySuccessTests
{
    // RFC 3748 §4: code, identifier, length, type.
    static readonly (string Name, byte[] Body)[] Messages =
    [
        ("success", [3, 0, 0, 4]), ("failure", [4, 0, 0, 4]), ("a request for the identity", [1, 0, 0, 5, 1]), ("an identity", [2, 0, 0, 9, 1, 1, 2, 3, 4]),
        ("MSCHAPv2 success", [1, 7, 0, 9, 26, 3, 7, 0, 4]), ("MSCHAPv2 failure that is cut short", [1, 7, 0, 6, 26, 4]), ("TTLS with an AVP of length 0",
            [1, 1, 0, 14, 21, 0, 0, 0, 0, 1, 64, 0, 0, 0]),
        ("AKA with an attribute of length 0", [1, 1, 0, 12, 23, 1, 0, 0, 1, 0, 0, 0]), ("length 0", [3, 0, 0, 0]), ("length 65535", [3, 0, 255, 255]),
            ("nothing", []),
    ];

    public static TheoryData<string> Stages => [.. Enum.GetNames<Stage>().Where(name => name is not (nameof(Stage.Nothing) or nameof(Stage.InitSent)))];

    [Theory]
    [MemberData(nameof(Stages))]
    public void AnEapPayloadEstablishesNothingInAnyState(string name)
    {
        Stage stage = Enum.Parse<Stage>(name);
        foreach ((string what, byte[] body) in Messages)
        {
            var eap = new RawPayload((byte)PayloadType.ExtensibleAuthentication, false, body);
            foreach (Sample sample in Samples.Auth.Concat(Samples.AuthAnswers))
            {
                foreach (IEnumerable<RawPayload> payloads in new IEnumerable<RawPayload>[] { [eap], [.. sample.Payloads.Where(payload =>
                    payload.Type != (byte)PayloadType.Authentication), eap] })
                {
                    using var engine = new AttackedEngine(stage);
                    string answer = engine.Send(sample, payloads);
                    Assert.True((engine.IkeSas, engine.ChildSas) == (0, 0), $"{what} in {stage}");
                    if (sample.IsRequest && stage == Stage.HalfOpen)
                        Assert.Contains(answer, new[] { "IkeAuth!InvalidSyntax", "IkeAuth!AuthenticationFailed" });
                    engine.AssertNothingIsLeft();
                }
            }
        }
    }

    [Fact]
    public void WhoAsksForEapIsNotAuthenticated()
    {
        using var engine = new AttackedEngine(Stage.HalfOpen);
        Assert.Equal("IkeAuth!AuthenticationFailed", engine.Send(Samples.Auth.Single(sample => sample.Name == "asks for EAP")));
        // And a success afterwards comes to nobody.
        Assert.Equal("", engine.Send(Samples.Auth[0], [new RawPayload((byte)PayloadType.ExtensibleAuthentication, false, [3, 0, 0, 4])]));
        Assert.Equal("LingeringIkeSa", engine.State);
        engine.AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(nameof(Stage.AuthSent))]
    [InlineData(nameof(Stage.AuthSentWithCertificate))]
    [InlineData(nameof(Stage.AuthSentByClient))]
    public void AResponderThatGoesOnWithEapInPlaceOfItsProofEndsTheAttempt(string name)
    {
        using var engine = new AttackedEngine(Enum.Parse<Stage>(name));
        Sample answer = Samples.AuthAnswers[0];
        engine.Send(answer, [answer.Payloads[0], new RawPayload((byte)PayloadType.ExtensibleAuthentication, false, [1, 0, 0, 5, 1])]);
        Assert.Equal(0, engine.IkeSas);
        // No identity, no credential is sent in answer: only the end of it.
        Assert.DoesNotContain(engine.Session.LastSaid, payload =>
            (PayloadType)payload.Type is PayloadType.IdentificationInitiator or PayloadType.ExtensibleAuthentication);
        engine.AssertNothingIsLeft();
    }
}
