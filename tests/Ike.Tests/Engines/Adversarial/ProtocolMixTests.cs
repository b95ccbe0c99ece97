using Ipsec.Fuzz;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 7: what belongs to IKEv1 in IKEv2 messages, and the other way round. Answers to CVE-2015-3991 (payload types of one version in the other),
/// CVE-2020-1763, CVE-2022-23094 and CVE-2023-30570 (an IKEv1 packet that nobody has a state for).
/// </summary>
public class ProtocolMixTests
{
    // SA to Vendor ID (RFC 2408 §3.1), NAT-D and NAT-OA (RFC 3947 §3.2, §5.2), their drafts, and the fragment of Cisco.
    static readonly byte[] OldPayloads = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 130, 131, 132];

    static readonly byte[] OldExchanges = [0, 1, 2, 3, 4, 5, 6, 32, 33];

    [Theory]
    [InlineData(nameof(Stage.HalfOpen))]
    [InlineData(nameof(Stage.AuthSent))]
    [InlineData(nameof(Stage.Established))]
    [InlineData(nameof(Stage.EstablishedByUs))]
    public void OldPayloadTypesAreUnknownOnes(string name)
    {
        Stage stage = Enum.Parse<Stage>(name);
        Sample sample = stage == Stage.HalfOpen ? Samples.Auth[0] : stage == Stage.AuthSent ? Samples.AuthAnswers[0] : Samples.CreateChild[0];
        foreach (byte type in OldPayloads)
        {
            // RFC 7296 §2.5: skipped, or if critical the message is refused.
            using var without = new AttackedEngine(stage);
            using var skipped = new AttackedEngine(stage);
            using var critical = new AttackedEngine(stage);
            string expected = without.Send(sample);
            Assert.Equal(expected, skipped.Send(sample, sample.Payloads.Insert(0, new RawPayload(type, false, new byte[24]))));
            Assert.Equal((without.IkeSas, without.ChildSas), (skipped.IkeSas, skipped.ChildSas));
            string answer = critical.Send(sample, sample.Payloads.Insert(0, new RawPayload(type, true, new byte[24])));
            Assert.Equal((0, 0), (critical.IkeSas, critical.ChildSas));
            if (sample.IsRequest)
                Assert.Equal($"{sample.Exchange}!UnsupportedCriticalPayload", answer);
            critical.AssertNothingIsLeft();
            skipped.AssertNothingIsLeft();
        }
    }

    [Fact]
    public void OldPayloadTypesInPlaceOfOursAreMissingPayloads()
    {
        // IKEv1's numbers for SA, KE, ID, AUTH/HASH, nonce, notify, delete in place of IKEv2's.
        Dictionary<PayloadType, byte> old = new()
        {
            [PayloadType.SecurityAssociation] = 1,
            [PayloadType.KeyExchange] = 4,
            [PayloadType.IdentificationInitiator] = 5,
            [PayloadType.Authentication] = 8,
            [PayloadType.Nonce] = 10,
        };
        foreach ((Stage stage, Sample sample) in new[] { (Stage.Nothing, Samples.Init[0]), (Stage.HalfOpen, Samples.Auth[0]), (Stage.Established,
            Samples.RekeyIke) })
        {
            foreach ((PayloadType ours, byte theirs) in old)
            {
                if (!sample.Payloads.Any(payload => payload.Type == (byte)ours))
                    continue;
                using var engine = new AttackedEngine(stage);
                engine.Send(sample, sample.Payloads.Select(payload => payload.Type == (byte)ours ? payload with { Type = theirs } : payload));
                Assert.Equal((0, 0), (engine.IkeSas, engine.ChildSas));
                if (stage == Stage.Nothing)
                    Assert.Equal(0, engine.Target.Context.HalfOpen.Count);
                engine.AssertNothingIsLeft();
            }
        }
    }

    [Fact]
    public void MessagesOfIkeV1AreMetWithSilence()
    {
        foreach (Stage stage in new[] { Stage.Nothing, Stage.HalfOpen, Stage.Established })
        {
            foreach (byte exchange in OldExchanges)
            {
                foreach (byte version in new byte[] { 0, 1 })
                {
                    using var engine = new AttackedEngine(stage);
                    IkeHeader header = engine.Session.HeaderFor(Samples.Init[0]) with
                    {
                        Exchange = (ExchangeType)exchange,
                        MajorVersion = version,
                        MinorVersion = 0
                    };
                    byte[] datagram = MessageWriter.Write(new IkeMessage(header, [new OpaquePayload((PayloadType)1, new byte[40]),
                        new OpaquePayload((PayloadType)13, new byte[16])]));
                    engine.Target.Deliver(datagram, Policy.Path);
                    Assert.Empty(engine.Target.Sent);
                    Assert.NotNull(engine.Target.LastFault);
                    engine.AssertNothingIsLeft();
                }
            }
        }
    }

    [Fact]
    public void ExchangesOfIkeV1UnderOurVersionBeginNothing()
    {
        foreach (Stage stage in new[] { Stage.Nothing, Stage.HalfOpen, Stage.Established })
        {
            foreach (byte exchange in OldExchanges)
            {
                using var engine = new AttackedEngine(stage);
                engine.Send(engine.Session.HeaderFor(Samples.Auth[0]) with { Exchange = (ExchangeType)exchange }, Samples.Auth[0].Payloads);
                Assert.Equal((0, 0), (engine.IkeSas, engine.ChildSas));
                engine.AssertNothingIsLeft();
            }
        }
    }
}
