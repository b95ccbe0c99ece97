using System.Collections.Immutable;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Addresses;

/// <summary>
/// CFG_SET (RFC 7296 §3.15.1): a gateway whose pools tell something else than before tells it to the clients that have an address of them. Addresses are given
/// on request only. A peer may ignore it, or answer with CFG_ACK and the attributes that it took.
/// </summary>
sealed class ConfigurationPush(ConfigurationPayload set) : InitiatedExchange
{
    public override ExchangeType Exchange => ExchangeType.Informational;

    /// <summary>To every client of the pools that have changed.</summary>
    public static void Tell(EngineContext context, IReadOnlyCollection<LeasedPool> changed, Instant now)
    {
        if (changed.Count == 0)
            return;
        foreach (EstablishedIkeSa ike in context.Connections.All.SelectMany(connection => connection.IkeSas).ToArray())
        {
            if (!ike.Internal.Leases.Any(lease => changed.Contains(lease.Pool)))
                continue;
            ImmutableArray<ConfigurationAttribute> told = ConfigurationAnswer.Information(context.Pools.Find(ike.Connection.Configuration.Pools),
                ike.Internal.PeerAsksForDomains);
            // What was told last counts: one that still waits is out of date.
            if (!told.IsEmpty)
                ike.Requests.Replace(new ConfigurationPush(new ConfigurationPayload(ConfigurationType.Set, told)), now);
        }
    }

    public override RequestContent Begin(EstablishedIkeSa ike, Instant now) => new([set], ["the pools tell something else than before"]);

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        int taken = response.Find<ConfigurationPayload>() is { ConfigurationType: ConfigurationType.Acknowledge } acknowledged
            ? acknowledged.Attributes.Length : 0;
        trace.Note(taken > 0 ? $"the peer took {taken} of {set.Attributes.Length} attributes" : "the peer took nothing of it");
    }
}
