using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Redirection;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>
/// Where a connection is dialled: the configured address, the next one of a name, or once the gateway that a redirect leads to (RFC 5685 §3).
/// </summary>
sealed class Dialler(EngineContext context)
{
    /// <summary>The peer's address, or the next one of its name; a name is resolved first.</summary>
    public void Dial(ConnectionRuntime connection, Instant now)
    {
        connection.FailedForWantOfAddress = false;
        if (connection.Redirect is PendingRedirect redirect)
            Dial(connection, redirect, now);
        else if (connection.Configuration.RemoteAddress is IpAddress configured)
            Dial(connection, configured, now);
        else if (connection.PeerAddresses is not { } named || named.IsResolving)
            return;
        else if (named.HasMore)
            Dial(connection, named.TakeNext(), now);
        else
            named.Resolve((failure, at) => HandleResolved(connection, failure, at), now);
    }

    /// <summary>Tried once: if the other gateway does not answer, the configured one is the next.</summary>
    void Dial(ConnectionRuntime connection, PendingRedirect redirect, Instant now)
    {
        if (redirect.Addresses is { IsResolving: true })
            return;
        if (redirect.Addresses is { HasMore: false } named)
        {
            named.Resolve((failure, at) =>
            {
                if (!failure.IsEmpty)
                    connection.Redirect = null;
                HandleResolved(connection, failure, at);
            }, now);
            return;
        }
        connection.Redirect = null;
        Dial(connection, redirect.Addresses?.TakeNext() ?? redirect.Target.Address!.Value, now, redirect.From);
    }

    void Dial(ConnectionRuntime connection, IpAddress remote, Instant now, IpAddress? redirectedFrom = null)
    {
        if (AttemptStarter.WhyNot(context, connection.Configuration, remote) is not string obstacle)
        {
            connection.Attempt = AttemptStarter.Begin(context, connection, remote, redirectedFrom, now);
            return;
        }
        connection.FailedForWantOfAddress = AttemptStarter.LocalAddress(context, connection.Configuration, remote) is null;
        HandleNotDialled(connection, connection.FailedForWantOfAddress ? MobilityReasons.NoLocalAddress : [Reasons.Known("cannot-dial", obstacle)], now);
    }

    void HandleResolved(ConnectionRuntime connection, ImmutableArray<Reason> failure, Instant now)
    {
        if (failure.IsEmpty)
            connection.Manager.BringUp(connection, now);
        else
            HandleNotDialled(connection, failure, now);
    }

    void HandleNotDialled(ConnectionRuntime connection, ImmutableArray<Reason> reasons, Instant now)
    {
        context.Emit(new IkeSaClosed(WasEstablished: false, reasons) { Connection = connection.Name });
        connection.Reasons = reasons;
        connection.FailedLast = true;
        connection.AttemptsFailed++;
        connection.Manager.RetryLater(connection, now);
    }
}
