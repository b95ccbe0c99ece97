using Ipsec.EndpointHost.Engine;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Tests.Engine;

public class EngineInboxTests
{
    [Fact]
    public void AFloodOfDatagramsIsBoundedInNumber()
    {
        var inbox = new EngineInbox();
        byte[] datagram = new byte[28];

        for (int i = 0; i < 100_000; i++)
            inbox.Post(datagram, default(NetworkPath));

        Assert.Equal((4096, 100_000ul - 4096), (Drain(inbox), inbox.Dropped));
    }

    [Fact]
    public void AFloodOfLongDatagramsIsBoundedInOctets()
    {
        var inbox = new EngineInbox();
        byte[] datagram = new byte[65507];

        for (int i = 0; i < 1000; i++)
            inbox.Post(datagram, default(NetworkPath));

        Assert.Equal((8 << 20) / 65507, Drain(inbox));
    }

    [Fact]
    public void ACommandPassesAFullInbox()
    {
        var inbox = new EngineInbox();
        for (int i = 0; i < 5000; i++)
            inbox.Post([1], default(NetworkPath));

        inbox.Post((_, _) => { });

        int commands = 0;
        while (inbox.TryTake(out EngineInput input))
        {
            commands += input.Command is null ? 0 : 1;
            EngineInbox.Return(input);
        }
        Assert.Equal(1, commands);
    }

    [Fact]
    public void RoomThatBecameFreeIsUsedAgain()
    {
        var inbox = new EngineInbox();
        for (int i = 0; i < 5000; i++)
            inbox.Post([1], default(NetworkPath));
        Drain(inbox);

        inbox.Post([2, 3], default(NetworkPath));

        Assert.True(inbox.TryTake(out EngineInput input));
        Assert.Equal([2, 3], input.Datagram.AsSpan(0, input.Length).ToArray());
        EngineInbox.Return(input);
    }

    static int Drain(EngineInbox inbox)
    {
        int count = 0;
        while (inbox.TryTake(out EngineInput input))
        {
            count++;
            EngineInbox.Return(input);
        }
        return count;
    }
}
