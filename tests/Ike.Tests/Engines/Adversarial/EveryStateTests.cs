using Ipsec.Fuzz;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 2: every message in every state, both roles, sealed with the right keys. Answers to CVE-2014-2338 (a rekey established what was not
/// authenticated), CVE-2019-12312 (INFORMATIONAL before IKE_AUTH), CVE-2024-2357 (no key found left half a state), CVE-2022-21889, CVE-2023-21758 and
/// CVE-2026-35424 (one message, one crash); class 16, no child SA without authentication.
/// </summary>
public class EveryStateTests
{
    public static TheoryData<string> Stages => [.. Enum.GetNames<Stage>()];

    [Theory]
    [MemberData(nameof(Stages))]
    public void AMessageIsAnsweredOnceOrNotAtAllAndEstablishesNothingWithoutACredential(string name)
    {
        Stage stage = Enum.Parse<Stage>(name);
        foreach (Sample sample in Samples.All)
        {
            using var engine = new AttackedEngine(stage);
            engine.Send(sample);
            bool isAnswered = sample.IsRequest && sample.Exchange != ExchangeType.IkeSaInit && engine.Session.IsProtected && stage != Stage.Lingering;
            if (engine.Session.IsProtected)
                Assert.True(engine.Responses == (isAnswered ? 1 : 0), $"{sample.Name} in {stage}: {engine.Responses} answers");
            Assert.True(engine.Responses <= 1, $"{sample.Name} in {stage}: {engine.Responses} answers");
            if (stage < Stage.Established && !sample.Needs)
                Assert.True(engine.IkeSas + engine.ChildSas == 0, $"{sample.Name} in {stage} established something");
            if (stage is Stage.Closing or Stage.Retired or Stage.Lingering)
                Assert.Equal((0, 0), (engine.IkeSas, engine.ChildSas));
            engine.AssertNothingIsLeft();
        }
    }

    [Fact]
    public void TheRightMessageInTheRightStateGetsThrough()
    {
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates with a key", 1, 1);
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates with a certificate", 1, 1);
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates without a child SA", 1, 0);
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates as a client", 1, 1);
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates with a key, wrongly", 0, 0);
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates with a certificate, wrongly", 0, 0);
        AssertMakes(Stage.AuthSent, Samples.AuthAnswers, "authenticates with a key", 1, 1);
        AssertMakes(Stage.AuthSent, Samples.AuthAnswers, "authenticates with a key, wrongly", 0, 0);
        AssertMakes(Stage.AuthSentWithCertificate, Samples.AuthAnswers, "authenticates with a certificate", 1, 1);
        AssertMakes(Stage.AuthSentWithCertificate, Samples.AuthAnswers, "authenticates with a key", 0, 0);
        foreach ((string how, Stage stage) in new[] { ("with a post-quantum key", Stage.AuthSentWithPostquantumKey),
            ("with a raw public key", Stage.AuthSentWithRawKey) })
        {
            AssertMakes(Stage.HalfOpen, Samples.Auth, $"authenticates {how}", 1, 1);
            AssertMakes(Stage.HalfOpen, Samples.Auth, $"authenticates {how}, wrongly", 0, 0);
            AssertMakes(stage, Samples.AuthAnswers, $"authenticates {how}", 1, 1);
            AssertMakes(stage, Samples.AuthAnswers, $"authenticates {how}, wrongly", 0, 0);
        }
        AssertMakes(Stage.HalfOpen, Samples.Auth, "authenticates where it is sent away", 1, 0);
        AssertMakes(Stage.AuthSent, Samples.AuthAnswers, "authenticates and redirects", 1, 0);
        AssertMakes(Stage.Established, Samples.CreateChild, "asks for a child SA with a group", 0, 1);
        AssertMakes(Stage.Established, Samples.CreateChild, "rekeys the IKE SA", 1, 0);
    }

    [Fact]
    public void WithoutAKeyNoAttemptBegins()
    {
        // CVE-2024-2357.
        using var pair = new EnginePair(Connections.EngineA() with { PresharedKeys = [] }, Connections.EngineB());
        pair.Do(room => Assert.Contains("no pre-shared key", room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromMinutes(1));
        Assert.Empty(pair.Datagrams);
        Assert.Equal(0, pair.A.Engine.Figures.IkeSas);
    }

    [Fact]
    public void AResponderWithoutAKeyRefusesAndForgets()
    {
        // CVE-2024-2357 from the other side.
        using var pair = new EnginePair(Connections.EngineA(), Connections.EngineB() with { PresharedKeys = [] });
        pair.Do(room => Assert.Null(room.A.Engine.Initiate("tunnel", null, room.Now).Error));
        pair.Run(TimeSpan.FromMinutes(5));
        Assert.Empty(pair.B.EverInstalled);
        Assert.Empty(pair.B.Of<IkeSaEstablished>());
        Assert.Equal((0, 0), (pair.B.Engine.Figures.IkeSas, pair.A.Engine.Figures.IkeSas));
    }

    static void AssertMakes(Stage stage, IReadOnlyList<Sample> samples, string name, int ikeSas, int childSas)
    {
        using var engine = new AttackedEngine(stage);
        engine.Send(samples.Single(sample => sample.Name == name));
        Assert.True((ikeSas, childSas) == (engine.IkeSas, engine.ChildSas), $"{name} in {stage}: {engine.IkeSas} IKE SAs and {engine.ChildSas} child SAs");
        engine.AssertNothingIsLeft();
    }
}
