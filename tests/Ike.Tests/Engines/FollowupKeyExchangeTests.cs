using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Engines.Adversarial;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Additional key exchanges behind CREATE_CHILD_SA, in IKE_FOLLOWUP_KE: RFC 9370 §2.2.4.</summary>
public class FollowupKeyExchangeTests
{
    const string Ike = "aes256gcm16-prfsha256-curve25519-ke1_ecp384-ke2_ecp256";
    const string Esp = "aes256gcm16-curve25519-ke1_ecp384-ke4_modp2048";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RekeysAChildSaWithEveryAdditionalKeyExchange(bool fromA)
    {
        using EnginePair pair = Established();
        RekeyChild(pair, fromA);
        pair.Run(TimeSpan.FromSeconds(2));
        AssertRekeyed(pair);
        Assert.Equal(Esp, ProposalText.Print(pair.A.OnlyChild.Suite));
        Assert.Equal(2, pair.Sent.Count(name => name.StartsWith(fromA ? "A IKE_FOLLOWUP_KE request" : "B IKE_FOLLOWUP_KE request", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RekeysTheIkeSaWithEveryAdditionalKeyExchange(bool fromA)
    {
        using EnginePair pair = Established();
        ulong before = pair.A.Status(pair.Now).IkeSas[0].InitiatorSpi;
        RekeyIke(pair, fromA);
        pair.Run(TimeSpan.FromSeconds(2));
        IkeSaSnapshot ike = Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.NotEqual(before, ike.InitiatorSpi);
        Assert.Equal(Ike, ProposalText.Print(ike.Suite));
        Assert.Equal(2, pair.Sent.Count(name => name.Contains("IKE_FOLLOWUP_KE request", StringComparison.Ordinal)));
        // The new keys are the same on both sides: the child SA is rekeyed under them.
        RekeyChild(pair, !fromA);
        pair.Run(TimeSpan.FromSeconds(2));
        AssertRekeyed(pair);
    }

    [Fact]
    public void EveryMessageOfARekeyMayGetLostOrComeLateOrTwice()
    {
        foreach (Action<EnginePair, bool> rekey in new[] { RekeyChild, RekeyIke })
        {
            foreach (string name in Messages(rekey))
            {
                foreach (EnginePair.Fate fate in new[] { EnginePair.Fate.Drop, EnginePair.Fate.Delay, EnginePair.Fate.Duplicate })
                {
                    using EnginePair pair = Established();
                    pair.When(name, fate);
                    rekey(pair, true);
                    pair.Run(TimeSpan.FromSeconds(10));
                    AssertWhole(pair, $"{fate} {name}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void CollidingRekeysEndWithOneOfEach(ulong seed)
    {
        foreach ((Action<EnginePair, bool> ofA, Action<EnginePair, bool> ofB) in new[]
        {
            (new Action<EnginePair, bool>(RekeyChild), new Action<EnginePair, bool>(RekeyChild)), (RekeyIke, RekeyIke), (RekeyChild, RekeyIke),
                (RekeyIke, RekeyChild),
        })
        {
            // From crossing on the wire to one beginning in the middle of the other's rounds.
            for (int milliseconds = 0; milliseconds <= 70; milliseconds += 14)
            {
                using EnginePair pair = Established(seed);
                ofA(pair, true);
                pair.Run(TimeSpan.FromMilliseconds(milliseconds));
                ofB(pair, false);
                pair.Run(TimeSpan.FromMinutes(2));
                AssertWhole(pair, $"{milliseconds} ms");
            }
        }
    }

    [Fact]
    public void AnswersWhatItHasNoStateForWithStateNotFound()
    {
        using EnginePair pair = Situations.Established();
        using var peer = new ByzantinePeer(pair, nextMessageId: 2);
        IkeMessage? answer = peer.Ask(ExchangeType.IkeFollowupKe, Wire.MessageSamples.KeyExchange,
            new NotifyPayload(NotifyType.AdditionalKeyExchange, new byte[8]));
        Assert.Equal(NotifyType.StateNotFound, Assert.IsType<NotifyPayload>(Assert.Single(answer!.Payloads)).NotifyType);
        Situations.AssertAlive(pair);
    }

    [Fact]
    public void ForgetsWhatIsNeverCompleted()
    {
        using EnginePair pair = Established();
        pair.When(name => name.StartsWith("A IKE_FOLLOWUP_KE", StringComparison.Ordinal), EnginePair.Fate.Drop);
        RekeyChild(pair, true);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, pair.B.LooseSpis);
        pair.Run(TimeSpan.FromMinutes(10));
        Assert.Equal(0, pair.B.LooseSpis);
        Assert.Equal(0, pair.A.LooseSpis);
    }

    static EnginePair Established(ulong seed = 1)
    {
        var pair = new EnginePair(Connections.EngineA(Connections.OfA(Ike, Esp)), Connections.EngineB(Connections.OfB(Ike, Esp)), seed);
        pair.Establish();
        pair.Sent.Clear();
        return pair;
    }

    static void RekeyChild(EnginePair pair, bool fromA) =>
        pair.Do(room => (fromA ? room.A : room.B).Engine.RekeyChild("tunnel", null, room.Now));

    static void RekeyIke(EnginePair pair, bool fromA) =>
        pair.Do(room => (fromA ? room.A : room.B).Engine.RekeyIke("tunnel", room.Now));

    static List<string> Messages(Action<EnginePair, bool> rekey)
    {
        using EnginePair pair = Established();
        rekey(pair, true);
        pair.Run(TimeSpan.FromSeconds(2));
        return [.. pair.Sent];
    }

    static void AssertRekeyed(EnginePair pair)
    {
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
        Assert.Equal(2, pair.A.EverInstalled.Count);
    }

    static void AssertWhole(EnginePair pair, string what)
    {
        Agreement.AssertSame(pair);
        Assert.True(pair.A.Installed.Count == 1, what);
        Assert.Single(pair.A.Status(pair.Now).IkeSas);
        Assert.Single(pair.B.Status(pair.Now).IkeSas);
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
        Assert.DoesNotContain(pair.A.Of<IkeSaClosed>(), closed => closed.Reasons.Any(reason => reason.Code is "not-responding" or "invalid-syntax"));
    }
}
