using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>IKE SAs without a child SA (RFC 6023).</summary>
public class ChildlessTests
{
    [Theory]
    [InlineData(ChildlessPolicy.Prefer, ChildlessPolicy.Allow)]
    [InlineData(ChildlessPolicy.Force, ChildlessPolicy.Force)]
    public void TheFirstChildSaComesWithAKeyExchangeOfItsOwn(ChildlessPolicy a, ChildlessPolicy b)
    {
        using EnginePair pair = Pair(a, b);
        pair.Establish();
        Assert.Contains("A CREATE_CHILD_SA request 2", pair.Sent);
        Assert.DoesNotContain(pair.A.Of<MessagePassed>().Single(passed => passed.Sent && passed.Exchange == "IKE_AUTH").Payloads, payload =>
            payload.StartsWith("SA"));
        Assert.Equal(Crypto.KeyExchangeMethod.Ecp256, pair.A.OnlyChild.Suite.KeyExchange);
        Agreement.AssertSame(pair);
    }

    [Fact]
    public void WhereThePeerDoesNotAnnounceItAChildSaIsAskedForAtOnce()
    {
        using EnginePair pair = Pair(ChildlessPolicy.Prefer, ChildlessPolicy.Never);
        pair.Establish();
        Assert.DoesNotContain("A CREATE_CHILD_SA request 2", pair.Sent);
    }

    [Fact]
    public void WhoForcesItDoesNotAuthenticateToAPeerWithoutIt()
    {
        using EnginePair pair = Pair(ChildlessPolicy.Force, ChildlessPolicy.Never);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Contains("childless-not-supported", pair.A.ReasonCodes);
        Assert.DoesNotContain("A IKE_AUTH request 1", pair.Sent);
    }

    [Fact]
    public void WhoForcesItRefusesTheChildSaOfIkeAuthAndTakesThatOfCreateChildSa()
    {
        using EnginePair pair = Pair(ChildlessPolicy.Allow, ChildlessPolicy.Force);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(pair.A.Installed);
        Assert.Contains("childless-forced", pair.B.ReasonCodes);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
    }

    static EnginePair Pair(ChildlessPolicy a, ChildlessPolicy b) => new(
        Connections.EngineA(Connections.OfA(esp: "aes256gcm16-ecp256") with { Childless = a }),
        Connections.EngineB(Connections.OfB(esp: "aes256gcm16-ecp256") with { Childless = b }));
}
