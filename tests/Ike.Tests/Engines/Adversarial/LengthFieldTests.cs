using System.Buffers.Binary;
using Ipsec.Fuzz;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Class 3: length fields behind the encryption that are zero, too small, too large, or reach into the next payload. Answers to CVE-2013-4564 and
/// CVE-2015-3204 (short packets, odd next payloads), CVE-2025-9242 (the identification's length, before any certificate is looked at), CVE-2013-5018 and
/// CVE-2013-6075 (an identity that is no DER), CVE-2026-25075 and CVE-2026-35330 (an attribute of length 0 that never ends).
/// </summary>
public class LengthFieldTests
{
    public static TheoryData<string> Stages => [nameof(Stage.HalfOpen), nameof(Stage.HalfOpenIntermediate), nameof(Stage.Established),
        nameof(Stage.EstablishedByUs)];

    [Theory]
    [MemberData(nameof(Stages))]
    public void APayloadLengthThatCannotBeIsInvalidSyntax(string name)
    {
        foreach ((Stage stage, Sample sample, int offset, int _) in Payloads(name))
        {
            foreach (ushort length in new ushort[] { 0, 1, 2, 3, 0x8000, 0xFFFF })
            {
                using var engine = new AttackedEngine(stage);
                string answer = engine.Send(sample, sample.Payloads, content => BinaryPrimitives.WriteUInt16BigEndian(content[(offset + 2)..], length));
                Assert.Equal($"{sample.Exchange}!InvalidSyntax", answer);
                Assert.Equal((0, 0), (engine.IkeSas, engine.ChildSas));
                engine.AssertNothingIsLeft();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void APayloadThatReachesIntoTheNextOneIsReadOnceOrRefused(string name)
    {
        foreach ((Stage stage, Sample sample, int offset, int length) in Payloads(name))
        {
            foreach (int change in new[] { -8, -4, -1, 1, 4, 8 })
            {
                if (length + change < 4)
                    continue;
                using var engine = new AttackedEngine(stage);
                engine.Send(sample, sample.Payloads, content => BinaryPrimitives.WriteUInt16BigEndian(content[(offset + 2)..], (ushort)(length + change)));
                Assert.True(engine.Responses == 1, $"{sample.Name} in {stage}, payload at {offset} longer by {change}");
                // AUTH covers the identity as it was, so that a shifted border does not authenticate.
                Assert.Equal(0, stage < Stage.Established ? engine.IkeSas : 0);
                engine.AssertNothingIsLeft();
            }
        }
    }

    [Fact]
    public void EveryIdentityThatIsShortOrNoneIsRefusedBeforeAnythingIsLookedUp()
    {
        // CVE-2025-9242, CVE-2013-6075, CVE-2013-5018: every type, every length, with octets that look like DER and that do not.
        Sample sample = Samples.Auth.First(sample => sample.Name == "authenticates with a certificate");
        foreach (byte type in new byte[] { 0, 1, 2, 3, 5, 9, 10, 11, 12, 13, 255 })
        {
            foreach (int length in new[] { 0, 1, 3, 4, 5, 15, 16, 17, 255, 256, 4000 })
            {
                foreach (byte first in new byte[] { 0x30, 0x00, 0xFF })
                {
                    byte[] identity = new byte[4 + length];
                    identity[0] = type;
                    identity.AsSpan(4).Fill(first);
                    using var engine = new AttackedEngine(Stage.HalfOpen);
                    string answer = engine.Send(sample, sample.Payloads.SetItem(0, sample.Payloads[0] with { Body = identity }));
                    Assert.Contains(answer, new[] { "IkeAuth!AuthenticationFailed", "IkeAuth!InvalidSyntax" });
                    Assert.Equal(0, engine.IkeSas);
                    Assert.Equal(0UL, engine.Target.Context.Counters["authentication-prf"]);
                    engine.AssertNothingIsLeft();
                }
            }
        }
    }

    [Fact]
    public void ContentOfEveryLengthIsReadInOnePass()
    {
        // Truncation of what every payload holds, and every octet of it set to zero: a length of 0 inside must not make a reader stand still.
        foreach (Sample sample in Samples.CreateChild.Concat(Samples.Informational))
        {
            for (int i = 0; i < sample.Payloads.Length; i++)
            {
                byte[] body = sample.Payloads[i].Body;
                for (int at = 0; at < body.Length; at++)
                {
                    byte[] zeroed = [.. body];
                    zeroed[at] = 0;
                    foreach (byte[] changed in new[] { body[..at], zeroed })
                    {
                        using var engine = new AttackedEngine(Stage.Established);
                        engine.Send(sample, sample.Payloads.SetItem(i, sample.Payloads[i] with { Body = changed }));
                        Assert.Equal(1, engine.Responses);
                        engine.AssertNothingIsLeft();
                    }
                }
            }
        }
    }

    /// <summary>Every payload of every request that fits the stage, with its place in the content and its length.</summary>
    static IEnumerable<(Stage Stage, Sample Sample, int Offset, int Length)> Payloads(string name)
    {
        Stage stage = Enum.Parse<Stage>(name);
        foreach (Sample sample in Samples.For(stage).Distinct())
        {
            int offset = 0;
            foreach (RawPayload payload in sample.Payloads)
            {
                int length = PayloadHeader.EncodedLength + payload.Body.Length;
                yield return (stage, sample, offset, length);
                offset += length;
            }
        }
    }
}
