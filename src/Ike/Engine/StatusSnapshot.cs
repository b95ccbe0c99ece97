using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Exchanges;
using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>From living objects to plain values.</summary>
static class StatusSnapshot
{
    public static IkeStatus Take(EngineContext context, Instant now) =>
        new([.. context.Connections.All.Select(connection => Of(connection, now))], context.HalfOpen.Count, context.Counters.Snapshot());

    static ConnectionStatus Of(ConnectionRuntime connection, Instant now) =>
        new(connection.Name, connection.State, connection.Reasons, [.. connection.IkeSas.Reverse().Select(ike => Of(ike, now))]);

    static IkeSaSnapshot Of(EstablishedIkeSa ike, Instant now) =>
        new(ike.Sa.Id, ike.Sa.InitiatorSpi, ike.Sa.ResponderSpi, ike.Sa.IsInitiator, ike.Channel.Suite, ike.Sa.Path,
            ike.LocalIdentity.ToString(), ike.RemoteIdentity.ToString(), now.Monotonic - ike.EstablishedAt.Monotonic, ike.RekeyIn(now),
            ike.Sa.Nat.LocalBehindNat, ike.Sa.Nat.RemoteBehindNat, [.. ike.Children.All.Select(child => Of(child, now))]);

    static ChildSaSnapshot Of(ChildSa child, Instant now) =>
        new(child.Id, child.Configuration.Name, child.InboundSpi, child.OutboundSpi, child.Suite, child.LocalSelectors, child.RemoteSelectors,
            now.Monotonic - child.CreatedAt.Monotonic, child.SoftTimer?.Due - now.Monotonic);
}
