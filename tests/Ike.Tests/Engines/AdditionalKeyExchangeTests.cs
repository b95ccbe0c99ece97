using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Additional key exchanges in IKE_INTERMEDIATE between two engines: RFC 9242, RFC 9370 §2.2.2.</summary>
public class AdditionalKeyExchangeTests
{
    const string Three = "aes256gcm16-prfsha256-curve25519-ke1_ecp384-ke2_ecp256-ke5_modp2048";

    [Theory]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_ecp384", 1)]
    [InlineData("aes128-sha1-ecp256-ke3_modp1024", 1)]
    [InlineData("aes256-sha512-modp2048-ke1_curve25519-ke2_ecp384", 2)]
    [InlineData(Three, 3)]
    public void EstablishesWithOneIntermediateExchangeForEachKeyExchange(string suite, int count)
    {
        using EnginePair pair = Pair(suite, suite);
        pair.Establish();
        Agreement.AssertSame(pair);
        Assert.Equal(suite, ProposalText.Print(pair.A.Status(pair.Now).IkeSas[0].Suite));
        Assert.Equal(suite, ProposalText.Print(pair.B.Status(pair.Now).IkeSas[0].Suite));
        for (uint messageId = 1; messageId <= count; messageId++)
            Assert.Contains($"A IKE_INTERMEDIATE request {messageId}", pair.Sent);
        Assert.Contains($"A IKE_AUTH request {count + 1}", pair.Sent);
        Assert.Equal(4 + 2 * count, pair.Sent.Count);
    }

    [Theory]
    [InlineData("aes256gcm16-prfsha256-curve25519-ke1_ecp384-ke1_none", "aes256gcm16-prfsha256-curve25519")]
    [InlineData("aes256gcm16-prfsha256-curve25519", "aes256gcm16-prfsha256-curve25519-ke1_ecp384-ke1_none")]
    public void LeavesOutWhatIsOptional(string ofA, string ofB)
    {
        using EnginePair pair = Pair(ofA, ofB);
        pair.Establish();
        Assert.Equal(4, pair.Sent.Count);
    }

    [Fact]
    public void DoesNotAskForWhatThePeerCannotDo()
    {
        using EnginePair pair = Pair("aes256gcm16-prfsha256-curve25519-ke1_ecp384", "aes256gcm16-prfsha256-curve25519");
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Contains("no-proposal-chosen", pair.A.ReasonCodes);
        Assert.Empty(pair.B.Installed);
    }

    [Fact]
    public void EveryMessageMayGetLost()
    {
        foreach (string name in Messages())
        {
            using EnginePair pair = Pair(Three, Three);
            pair.When(name, EnginePair.Fate.Drop);
            pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
            Assert.True(pair.Run(TimeSpan.FromSeconds(5), () => pair.A.Installed.Count == 1), name);
            Agreement.AssertSame(pair);
        }
    }

    [Fact]
    public void EveryMessageMayBeDuplicatedOrLate()
    {
        foreach (string name in Messages())
        {
            foreach (EnginePair.Fate fate in new[] { EnginePair.Fate.Duplicate, EnginePair.Fate.Delay })
            {
                using EnginePair pair = Pair(Three, Three);
                pair.When(name, fate);
                pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
                Assert.True(pair.Run(TimeSpan.FromSeconds(8), () => pair.A.Installed.Count == 1), name);
                pair.Run(TimeSpan.FromSeconds(2));
                Agreement.AssertSame(pair);
                Assert.Single(pair.B.EverInstalled);
            }
        }
    }

    [Fact]
    public void AuthCoversTheSameOctetsInFragmentsAndInOnePiece()
    {
        // A sends whole messages and fragments only when they get lost, B answers in fragments: the two forms come to the same (RFC 9242 §3.3.2).
        using var pair = new EnginePair(
            Connections.EngineA(Connections.OfA(Three) with { Fragmentation = FragmentationPolicy.Accept }),
            Connections.EngineB(Connections.OfB(Three) with { FragmentSize = 200 }));
        pair.Establish();
        Assert.Contains("A IKE_INTERMEDIATE request 3", pair.Sent);
        Assert.Contains("B IKE_INTERMEDIATE response 3 2/3", pair.Sent);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void IntermediateExchangesDoNotKeepAHalfOpenIkeSaLonger()
    {
        using EnginePair pair = Pair(Three, Three);
        pair.When(name => name.StartsWith("A IKE_AUTH", StringComparison.Ordinal), EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(29));
        Assert.Equal(1, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(0, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        Assert.Contains(pair.B.Of<IkeSaClosed>(), closed => !closed.WasEstablished);
    }

    [Fact]
    public void FollowsANatFromTheFirstIntermediateExchangeOn()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(Three)), Connections.EngineB(Connections.OfB(Three) with { RemoteAddress = null }))
        {
            Nat = new NatBox(Connections.AddressA, IpAddress.Parse("192.0.2.1")),
        };
        pair.Establish();
        Assert.Equal(4500, pair.A.Status(pair.Now).IkeSas[0].Path.Remote.Port);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void AWrongPresharedKeyIsStillAWrongPresharedKey()
    {
        using var pair = new EnginePair(Connections.EngineA(Connections.OfA(Three)) with { PresharedKeys = [Connections.Key("another")] },
            Connections.EngineB(Connections.OfB(Three)));
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Contains("authentication-failed", pair.A.ReasonCodes);
        Assert.Empty(pair.B.Installed);
    }

    static EnginePair Pair(string ofA, string ofB) => new(Connections.EngineA(Connections.OfA(ofA)), Connections.EngineB(Connections.OfB(ofB)));

    static List<string> Messages()
    {
        using EnginePair pair = Pair(Three, Three);
        pair.Establish();
        return [.. pair.Sent];
    }
}
