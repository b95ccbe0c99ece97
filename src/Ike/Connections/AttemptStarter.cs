using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>The first step of an initiator: from a connection to an IKE_SA_INIT request on its way.</summary>
static class AttemptStarter
{
    /// <summary>One sentence on why a connection cannot be initiated from here; null if it can, as far as that is known before its name is resolved.</summary>
    public static string? WhyNot(EngineContext context, ConnectionConfiguration connection)
    {
        if (!connection.MayInitiate)
            return $"Connection '{connection.Name}' only answers: it may not initiate.";
        if (connection.RemoteAddress is null && connection.RemoteName is null)
            return $"Connection '{connection.Name}' has no remote address to dial.";
        if (connection.Children.IsEmpty)
            return $"Connection '{connection.Name}' has no child SAs.";
        if (connection.InitiatorProposals.IsEmpty || connection.InitiatorProposals.Any(proposal => proposal.KeyExchange.IsEmpty))
            return $"Connection '{connection.Name}' has an IKE proposal without a group, or none at all.";
        return connection.RemoteAddress is IpAddress remote ? WhyNot(context, connection, remote) : null;
    }

    /// <summary>One sentence on why this address of the peer cannot be dialled from here; null if it can.</summary>
    public static string? WhyNot(EngineContext context, ConnectionConfiguration connection, IpAddress remote)
    {
        if (LocalAddress(context, connection, remote) is not IpAddress local)
            return $"Connection '{connection.Name}' has no local {(remote.IsV6 ? "IPv6" : "IPv4")} address to dial from.";
        return connection.LocalAuthentication is LocalAuthentication.PresharedKeyAuthentication && FindKey(context, connection, local, remote) is null
            ? $"Connection '{connection.Name}' has no pre-shared key for {LocalIdentity(connection, local)} and " +
                $"{connection.RemoteIdentity ?? Identity.From(remote)}."
            : null;
    }

    /// <param name="redirectedFrom">The gateway that sent us to this one; null where nobody did.</param>
    public static IkeSa Begin(EngineContext context, ConnectionRuntime connection, IpAddress remote, IpAddress? redirectedFrom, Instant now)
    {
        ConnectionConfiguration configuration = connection.Configuration;
        IpAddress local = LocalAddress(context, configuration, remote)!.Value;
        // RFC 7296 §2.23: an initiator may use the NAT traversal port from the beginning.
        bool startsOnNatPort = configuration.RemoteIkePort == configuration.RemoteNatTraversalPort;
        var path = new NetworkPath(new TransportAddress(local, startsOnNatPort ? context.Configuration.NatTraversalPort : context.Configuration.IkePort),
            new TransportAddress(remote, configuration.RemoteIkePort), startsOnNatPort ? PathEncapsulation.UdpEncapsulated : PathEncapsulation.Ike);
        var sa = new IkeSa(context, context.NextIkeSaId(), isInitiator: true, context.Sas.NewSpi(), 0, path, now)
        {
            ConnectionName = connection.Name,
            Retransmission = configuration.Retransmission,
            RedirectedFrom = redirectedFrom,
        };
        context.Sas.Add(sa);
        var state = new InitInitiator(sa, connection);
        sa.Become(state);
        state.Start(now);
        return sa;
    }

    /// <summary>The configured one, or the subject of our first certificate, or our address.</summary>
    public static Identity LocalIdentity(ConnectionConfiguration connection, IpAddress local) => connection.LocalIdentity
        ?? (connection.LocalAuthentication is LocalAuthentication.SignatureAuthentication { Signers: [LocalSigner first, ..] }
            && first.Certificate is { Subject.IsEmpty: false } certificate
            ? new Identity(IdentificationType.DerAsn1Dn, certificate.Subject.Encoding)
            : Identity.From(local));

    /// <summary>The key to authenticate with before the peer's identity is known.</summary>
    public static Secret? FindKey(EngineContext context, ConnectionConfiguration connection, IpAddress local, IpAddress remote) =>
        PresharedKeySelection.Find(context.Configuration.PresharedKeys, LocalIdentity(connection, local), connection.RemoteIdentity ?? Identity.From(remote),
            remote);

    /// <summary>The address to dial from; null while there is none of the family.</summary>
    public static IpAddress? LocalAddress(EngineContext context, ConnectionConfiguration connection, IpAddress remote)
    {
        if (connection.LocalAddress is IpAddress named && named.IsV6 == remote.IsV6 && !context.IsGone(named))
            return named;
        foreach (IpAddress address in context.LocalAddresses)
        {
            if (address.IsV6 == remote.IsV6)
                return address;
        }
        return null;
    }
}
