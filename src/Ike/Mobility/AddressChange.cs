using System.Collections.Immutable;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>The outer addresses of the endpoint have changed: everything that used one that is gone goes on elsewhere, or begins anew.</summary>
static class AddressChange
{
    public static void Handle(EngineContext context, ImmutableArray<IpAddress> addresses, Instant now)
    {
        if (context.LocalAddresses.SequenceEqual(addresses))
            return;
        context.LocalAddresses = addresses;
        foreach (ConnectionRuntime connection in context.Connections.All.ToArray())
        {
            foreach (EstablishedIkeSa ike in connection.IkeSas.ToArray())
                ike.Mobility.HandleLocalAddresses(now);
            context.Connections.HandleLocalAddresses(connection, now);
        }
    }
}
