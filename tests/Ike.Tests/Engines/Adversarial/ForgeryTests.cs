using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>Messages of every exchange in every state, none of them authentic: nothing changes (RFC 7296 §2.21.4).</summary>
public class ForgeryTests
{
    static readonly NetworkPath PathToA = new(new TransportAddress(Connections.AddressA, 500), new TransportAddress(Connections.AddressB, 500),
        PathEncapsulation.Ike);

    [Fact]
    public void AnEstablishedIkeSaIsNotMoved()
    {
        using EnginePair pair = Situations.Established();
        (ulong spiI, ulong spiR) = Spis(pair);
        foreach (byte[] forgery in Situations.Forgeries(spiI, spiR))
        {
            pair.Inject(pair.B, forgery, ByzantinePeer.PathToB);
            pair.Inject(pair.A, forgery, PathToA);
        }
        pair.Run(TimeSpan.FromSeconds(30));
        Situations.AssertAlive(pair);
    }

    [Fact]
    public void AHalfOpenIkeSaIsNotMoved()
    {
        using EnginePair pair = Situations.HalfOpen();
        (ulong spiI, ulong spiR) = Spis(pair);
        foreach (byte[] forgery in Situations.Forgeries(spiI, spiR))
        {
            pair.Inject(pair.B, forgery, ByzantinePeer.PathToB);
            pair.Inject(pair.A, forgery, PathToA);
        }
        pair.Run(TimeSpan.FromSeconds(5));
        Situations.AssertAlive(pair);
    }

    [Fact]
    public void AnInitiatorThatWaitsActsOnlyOnAnswersToItsQuestion()
    {
        using EnginePair pair = Situations.NewPair();
        pair.When("A IKE_SA_INIT request 0", EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        ulong spiI = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(pair.Datagrams[0]);
        // An IKE_SA_INIT response is not authenticated, so that these may have an effect; everything else must not.
        foreach (byte[] forgery in Situations.Forgeries(spiI, 0x1122334455667788).Where(datagram => !IsInitResponse(datagram)))
            pair.Inject(pair.A, forgery, PathToA);
        pair.Run(TimeSpan.FromSeconds(5));
        Situations.AssertAlive(pair);
    }

    [Fact]
    public void AForgedRefusalDoesNotStopAnInitiatorWhosePeerAnswers()
    {
        // RFC 7296 §2.21.1.
        using EnginePair pair = Situations.NewPair();
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        ulong spiI = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(pair.Datagrams[0]);
        foreach (NotifyType error in new[] { NotifyType.NoProposalChosen, NotifyType.InvalidSyntax, NotifyType.InvalidMajorVersion,
            NotifyType.AuthenticationFailed })
        {
            var header = new IkeHeader(spiI, 0, ExchangeType.IkeSaInit, IkeHeaderFlags.Response, 0);
            pair.Inject(pair.A, MessageWriter.Write(new IkeMessage(header, [new NotifyPayload(error)])), PathToA);
        }
        pair.Run(TimeSpan.FromSeconds(5));
        Situations.AssertAlive(pair);
    }

    [Fact]
    public void ForgedCookiesAndGroupsCostABoundedNumberOfRetries()
    {
        using EnginePair pair = Situations.NewPair();
        pair.When(_ => true, EnginePair.Fate.Drop);
        pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
        ulong spiI = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(pair.Datagrams[0]);
        var header = new IkeHeader(spiI, 0, ExchangeType.IkeSaInit, IkeHeaderFlags.Response, 0);
        for (int i = 0; i < 200; i++)
        {
            Payload demand = i % 2 == 0
                ? new NotifyPayload(NotifyType.Cookie, new[] { (byte)i, (byte)1 })
                : new NotifyPayload(NotifyType.InvalidKePayload, new byte[] { 0, (byte)i });
            pair.Inject(pair.A, MessageWriter.Write(new IkeMessage(header, [demand])), PathToA);
        }
        Assert.InRange(pair.Datagrams.Count, 2, 20);
    }

    [Fact]
    public void HintsForAnEstablishedIkeSaAskForASignOfLifeAtALimitedRate()
    {
        using EnginePair pair = Situations.Established();
        (ulong spiI, ulong spiR) = Spis(pair);
        var header = new IkeHeader(spiI, spiR, ExchangeType.Informational, IkeHeaderFlags.Initiator | IkeHeaderFlags.Response, 0);
        byte[] hint = MessageWriter.Write(new IkeMessage(header, [new NotifyPayload(NotifyType.InvalidIkeSpi)]));
        int before = pair.Datagrams.Count;
        for (int i = 0; i < 1000; i++)
        {
            pair.Inject(pair.B, hint, ByzantinePeer.PathToB);
            pair.Run(TimeSpan.FromMilliseconds(30));
        }
        Assert.InRange(pair.Datagrams.Count - before, 2, 40);
        Situations.AssertAlive(pair);
    }

    static (ulong InitiatorSpi, ulong ResponderSpi) Spis(EnginePair pair)
    {
        Outputs.IkeKeysDerived derived = pair.B.Of<Outputs.IkeKeysDerived>().Last();
        return (derived.InitiatorSpi, derived.ResponderSpi);
    }

    static bool IsInitResponse(byte[] datagram) => IkeHeader.TryParse(datagram, out IkeHeader header, out _, out _)
        && header is { Exchange: ExchangeType.IkeSaInit, IsResponse: true };
}
