using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>Payloads that are known and have no meaning where they stand: a tunnel that works does not end for them (RFC 7296 §2.5, §2.21.3).</summary>
public class ForeignPayloadTests
{
    [Fact]
    public void OnAnEstablishedIkeSaTheyAreNotUsed()
    {
        Payload[] foreign =
        [
            MessageSamples.Of(MessageKind.IkeAuthRequest).Payloads.First(payload => payload.Type == PayloadType.Authentication),
            MessageSamples.Of(MessageKind.IkeAuthRequest).Payloads.First(payload => payload.Type == PayloadType.IdentificationInitiator),
        ];
        int added = 0;
        var hooks = new MessageEditor
        {
            Outgoing = message =>
            {
                if (message.Header.Exchange is not (ExchangeType.CreateChildSa or ExchangeType.Informational))
                    return message;
                added++;
                return message with { Payloads = [.. message.Payloads, .. foreign] };
            },
        };
        using var pair = new EnginePair(Connections.EngineA(),
            Connections.EngineB(Connections.OfB() with { DeadPeerDetectionDelay = TimeSpan.FromSeconds(10) }), hooksA: hooks, hooksB: hooks);
        pair.Establish();
        foreach (EngineNode node in new[] { pair.A, pair.B })
        {
            pair.Do(room => node.Engine.RekeyChild("tunnel", null, room.Now));
            pair.Run(TimeSpan.FromSeconds(15));
            pair.Do(room => node.Engine.RekeyIke("tunnel", room.Now));
            pair.Run(TimeSpan.FromSeconds(15));
        }
        Assert.Equal(3, pair.A.EverInstalled.Count);
        Assert.Equal(2, pair.A.Of<IkeSaEstablished>().Count(established => established.IsRekey));
        Assert.InRange(added, 18, 60);
        Agreement.AssertSame(pair);
    }
}
