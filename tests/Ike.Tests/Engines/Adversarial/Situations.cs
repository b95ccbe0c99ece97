using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>Pairs of engines, stopped in the middle of what they do.</summary>
static class Situations
{
    /// <summary>B keeps its keys readable for the test.</summary>
    public static EnginePair NewPair(IMessageHooks? hooksA = null, IMessageHooks? hooksB = null, ulong seed = 1, IkeEngineOptions? options = null)
    {
        options = (options ?? new IkeEngineOptions()) with { EmitKeys = true };
        return new EnginePair(Connections.EngineA() with { Options = options }, Connections.EngineB() with { Options = options }, seed, hooksA, hooksB);
    }

    /// <summary>B has answered IKE_SA_INIT and waits for IKE_AUTH, of which A has sent the first copy into the void.</summary>
    public static EnginePair HalfOpen()
    {
        EnginePair pair = NewPair();
        pair.When("A IKE_AUTH request 1", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        pair.Run(TimeSpan.FromMilliseconds(200));
        Assert.Equal(1, pair.B.Engine.GetStatus(pair.Now).HalfOpen);
        return pair;
    }

    public static EnginePair Established()
    {
        EnginePair pair = NewPair();
        pair.Establish();
        return pair;
    }

    /// <summary>The tunnel works: both sides hold the same child SA, and a rekey of everything succeeds.</summary>
    public static void AssertAlive(EnginePair pair)
    {
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
        Assert.Null(pair.B.Engine.RekeyChild("tunnel", null, pair.Now).Error);
        Assert.Null(pair.A.Engine.RekeyIke("tunnel", pair.Now).Error);
        pair.Run(TimeSpan.FromSeconds(30));
        Agreement.AssertSame(pair);
        Assert.Single(pair.A.Installed);
        Assert.Equal(ConnectionState.Established, pair.A.Status(pair.Now).State);
        Assert.Equal(ConnectionState.Established, pair.B.Status(pair.Now).State);
    }

    /// <summary>
    /// Every kind of message with the SPIs of an IKE SA, in either role, with message IDs around those in use: in clear, and in an Encrypted
    /// payload that nobody sealed. None of them is authentic.
    /// </summary>
    public static IEnumerable<byte[]> Forgeries(ulong initiatorSpi, ulong responderSpi)
    {
        foreach ((_, IkeMessage message, _) in MessageSamples.All)
        {
            foreach (uint messageId in new uint[] { 0, 1, 2, 3, uint.MaxValue })
            {
                foreach (IkeHeaderFlags role in new[] { IkeHeaderFlags.None, IkeHeaderFlags.Initiator })
                {
                    IkeHeader header = message.Header with
                    {
                        InitiatorSpi = initiatorSpi,
                        ResponderSpi = responderSpi,
                        MessageId = messageId,
                        Flags = role | message.Header.Flags & IkeHeaderFlags.Response,
                    };
                    yield return MessageWriter.Write(new IkeMessage(header, message.Payloads));
                    yield return MessageWriter.Write(new IkeMessage(header, [new OpaquePayload(PayloadType.Encrypted, MessageSamples.Octets(60, 1))]));
                    yield return MessageWriter.Write(new IkeMessage(header, [new OpaquePayload(PayloadType.Encrypted, default)]));
                }
            }
        }
    }
}
