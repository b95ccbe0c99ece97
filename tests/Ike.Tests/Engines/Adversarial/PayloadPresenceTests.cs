using Ipsec.Fuzz;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 1: payloads that are missing, there twice, or in another order. Answers to CVE-2013-6467 (a mandatory payload missing), CVE-2016-5391 (a proposal
/// without a Diffie-Hellman transform), CVE-2023-23009 (bad selectors behind a good authentication) and OpenBSD 7.8 errata 027.
/// </summary>
public class PayloadPresenceTests
{
    static readonly Sample[] Requests =
        [Samples.Auth.First(sample => sample.Name == "authenticates with a key"), Samples.Auth.First(sample =>
            sample.Name == "authenticates with a certificate")];

    [Fact]
    public void NoIkeSaComesOfAnIkeAuthRequestWithoutOrWithTwiceAnythingMandatory()
    {
        foreach (Sample sample in Requests)
        {
            for (int i = 0; i < sample.Payloads.Length; i++)
            {
                if (sample.Payloads[i].Type == (byte)PayloadType.Certificate)
                    continue;
                AssertRefused(Stage.HalfOpen, sample, sample.Payloads.RemoveAt(i), NotifyType.InvalidSyntax, NotifyType.AuthenticationFailed);
                AssertRefused(Stage.HalfOpen, sample, sample.Payloads.Add(sample.Payloads[i]), NotifyType.InvalidSyntax);
            }
        }
    }

    [Fact]
    public void NoIkeSaComesOfSuchAnIkeAuthResponse()
    {
        Sample sample = Samples.AuthAnswers.First(sample => sample.Name == "authenticates with a key");
        for (int i = 0; i < sample.Payloads.Length; i++)
        {
            foreach (IEnumerable<RawPayload> payloads in new IEnumerable<RawPayload>[] { sample.Payloads.RemoveAt(i), sample.Payloads.Add(sample.Payloads[i]) })
            {
                using var engine = new AttackedEngine(Stage.AuthSent);
                engine.Send(sample, payloads);
                Assert.Equal((0, 0), (engine.IkeSas, engine.ChildSas));
                engine.AssertNothingIsLeft();
            }
        }
    }

    [Fact]
    public void NoChildSaComesOfSuchACreateChildSaRequest()
    {
        foreach (Sample sample in Samples.CreateChild)
        {
            for (int i = 0; i < sample.Payloads.Length; i++)
            {
                if ((PayloadType)sample.Payloads[i].Type is PayloadType.Notify or PayloadType.Configuration)
                    continue;
                AssertRefused(Stage.Established, sample, sample.Payloads.RemoveAt(i), NotifyType.InvalidSyntax, NotifyType.InvalidKePayload,
                    NotifyType.NoProposalChosen);
                AssertRefused(Stage.Established, sample, sample.Payloads.Add(sample.Payloads[i]), NotifyType.InvalidSyntax);
            }
        }
    }

    [Fact]
    public void TheOrderOfPayloadsDoesNotMatter()
    {
        // RFC 7296 §2.5 leaves it free, and peers differ.
        foreach ((Stage stage, Sample sample) in Requests.Select(sample => (Stage.HalfOpen, sample)).Concat(Samples.CreateChild.Select(sample =>
            (Stage.Established, sample))))
        {
            using var inOrder = new AttackedEngine(stage);
            using var reversed = new AttackedEngine(stage);
            Assert.Equal(inOrder.Send(sample), reversed.Send(sample, sample.Payloads.Reverse()));
            Assert.Equal((inOrder.IkeSas, inOrder.ChildSas), (reversed.IkeSas, reversed.ChildSas));
        }
    }

    [Fact]
    public void AProposalWithoutAGroupIsNotChosen()
    {
        // CVE-2016-5391.
        Sample begins = Samples.Init[0];
        RawPayload without = RawPayload.Of(WireProposal.Offer(Policy.Ike(Policy.PlainIke), default, withKeyExchange: false));
        using var engine = new AttackedEngine(Stage.Nothing);
        Assert.Equal("IkeSaInit!NoProposalChosen", engine.Send(begins, [without, .. begins.Payloads.Skip(1)]));
        Assert.Equal(0, engine.Target.Context.Sas.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 })] // no selector
    [InlineData(new byte[] { 2, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 2, 0, 0, 10, 2, 255, 255 })] // fewer than it says
    [InlineData(new byte[] { 1, 0, 0, 0, 7, 0, 0, 8, 0, 0, 255, 255 })] // without addresses
    [InlineData(new byte[] { 1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 2, 255, 255, 10, 2, 0, 0 })] // the last before the first
    [InlineData(new byte[] { 1, 0, 0, 0, 7, 0, 0, 0 })] // length 0
    public void BadSelectorsBehindAGoodAuthenticationMakeNoChildSa(byte[] body)
    {
        // CVE-2023-23009. Malformed selectors refuse the whole request; what is well-formed and of no use refuses the child SA only.
        Sample sample = Requests[0];
        using var engine = new AttackedEngine(Stage.HalfOpen);
        string answer = engine.Send(sample, sample.Payloads.Select(payload => payload.Type == (byte)PayloadType.TrafficSelectorInitiator
            ? payload with { Body = body } : payload));
        Assert.Equal(0, engine.ChildSas);
        Assert.Contains(answer, new[] { "IkeAuth!InvalidSyntax", "IkeAuth!TsUnacceptable" });
        engine.AssertNothingIsLeft();
    }

    static void AssertRefused(Stage stage, Sample sample, IEnumerable<RawPayload> payloads, params NotifyType[] expected)
    {
        using var engine = new AttackedEngine(stage);
        string answer = engine.Send(sample, payloads);
        Assert.Equal((0, 0), (engine.IkeSas, engine.ChildSas));
        Assert.Contains(answer, expected.Select(type => $"{sample.Exchange}!{type}"));
        engine.AssertNothingIsLeft();
    }
}
