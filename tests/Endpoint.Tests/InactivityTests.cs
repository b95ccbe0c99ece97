using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;

namespace Ipsec.Endpoint.Tests;

/// <summary>The data path's counters decide whether a child SA is in use.</summary>
public sealed class InactivityTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PacketsInOneDirectionKeepATunnelAndSilenceClosesItUntilTheNextPacket(bool fromWest)
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(
            Sites.West(connection => (connection with { CloseAction = EndAction.Trap }).WithChildren(child => child with { InactivityTimeout = Timeout })),
                Sites.East());

        room.RunFor(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30), i =>
        {
            if (fromWest)
                west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i));
            else
                east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i));
        });
        Assert.Single(west.Events.OfType<ChildSaEstablished>());
        Assert.Equal(TunnelState.Established, west.Tunnel("east").State);

        room.RunFor(Timeout);
        Assert.Equal(TunnelState.Down, west.Tunnel("east").State);
        Assert.Empty(east.Tunnel("west").ChildSas);
        Assert.Equal("inactive", Assert.Single(west.Tunnel("east").Reasons).Code);

        room.RunFor(TimeSpan.FromMinutes(1));
        west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 1));
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, TimeSpan.FromSeconds(2), "the packet brings the tunnel back");
        room.AssertCarries(west, east);
    }
}
