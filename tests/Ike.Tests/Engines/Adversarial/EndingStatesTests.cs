using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>Every message, authentic, to an IKE SA that is on its way out: answered at most, and gone in the end.</summary>
public class EndingStatesTests
{
    [Fact]
    public void AClosingIkeSaAnswersAndCreatesNothing() => Try(pair =>
    {
        pair.When(_ => true, EnginePair.Fate.Drop);
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        return new ByzantinePeer(pair, nextMessageId: 2);
    }, isAnswered: true);

    [Fact]
    public void ARetiredIkeSaAnswersAndCreatesNothing() => Try(pair =>
    {
        var peer = new ByzantinePeer(pair, nextMessageId: 3);
        pair.When("A INFORMATIONAL request 3", EnginePair.Fate.Drop, times: 100);
        pair.Do(room => room.A.Engine.RekeyIke("tunnel", room.Now));
        pair.Run(TimeSpan.FromMilliseconds(200));
        pair.When(_ => true, EnginePair.Fate.Drop);
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        return peer;
    }, isAnswered: true);

    [Fact]
    public void ALingeringIkeSaIsSilent() => Try(pair =>
    {
        var peer = new ByzantinePeer(pair, nextMessageId: 2);
        pair.When(_ => true, EnginePair.Fate.Drop);
        Assert.NotNull(peer.Ask(ExchangeType.Informational, new DeletePayload(ProtocolId.Ike, [])));
        return peer;
    }, isAnswered: false);

    static void Try(Func<EnginePair, ByzantinePeer> bring, bool isAnswered)
    {
        foreach ((MessageKind kind, IkeMessage message, _) in MessageSamples.All.Where(sample => sample.IsProtected))
        {
            using EnginePair pair = Situations.Established();
            using ByzantinePeer peer = bring(pair);
            int installed = pair.B.EverInstalled.Count;
            IkeHeader header = peer.Header(message.Header.Exchange, IkeHeaderFlags.Initiator | message.Header.Flags & IkeHeaderFlags.Response);
            IkeMessage? answer = peer.Send(peer.Seal(message with { Header = header }));
            Assert.True((isAnswered && message.Header.IsRequest) == (answer is not null), $"{kind}");
            Assert.Null(answer?.Find<SecurityAssociationPayload>());
            pair.Run(TimeSpan.FromMinutes(5));
            Assert.Equal(installed, pair.B.EverInstalled.Count);
            Assert.Empty(pair.B.Installed);
            Assert.Equal(0, pair.B.LooseSpis);
            Assert.Empty(pair.B.Status(pair.Now).IkeSas);
        }
    }
}
