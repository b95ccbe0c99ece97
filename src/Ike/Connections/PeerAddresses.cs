using System.Collections.Immutable;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Operations;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Connections;

/// <summary>
/// The addresses at which a peer that is configured by its name is dialled, one after the other. They are asked for anew for each row of attempts, so
/// that nothing is remembered longer than that.
/// </summary>
sealed class PeerAddresses(EngineContext context, string name)
{
    /// <summary>Of the addresses of a name so many are tried; a bound of ours.</summary>
    public const int Maximum = 8;

    ImmutableArray<IpAddress> _addresses = [];
    int _tried;
    PendingOperation? _operation;

    /// <summary>The name is being asked for.</summary>
    public bool IsResolving => _operation is not null;

    public bool HasMore => _tried < _addresses.Length;

    /// <summary>The next address that has not been tried.</summary>
    public IpAddress TakeNext() => _addresses[_tried++];

    /// <param name="done">Told once: no reasons and at least one address, or why there is none.</param>
    public void Resolve(Action<ImmutableArray<Reason>, Instant> done, Instant now)
    {
        Forget();
        _operation = context.Operations.Request(new ResolveNameOperation(name), (result, at) =>
        {
            _operation = null;
            done(Take(result), at);
        }, now);
    }

    /// <summary>Nobody dials any more: the next time begins with the question.</summary>
    public void Forget()
    {
        _operation?.Cancel();
        _operation = null;
        _addresses = [];
        _tried = 0;
    }

    ImmutableArray<Reason> Take(OperationResult result)
    {
        if (result is not NameResolved resolved)
            return [Reasons.Known("name-not-resolved", $"The peer's name {name} could not be resolved: {(result as OperationFailed)?.Reason ?? "no answer."}")];
        if (resolved.Addresses.IsEmpty)
            return [Reasons.Known("name-not-resolved", $"The peer's name {name} has no address.")];
        // A host without IPv6 cannot dial an IPv6 address, and the other way round.
        _addresses = [.. resolved.Addresses.Where(address => context.LocalAddresses.Any(local => local.IsV6 == address.IsV6)).Distinct().Take(Maximum)];
        return _addresses.IsEmpty
            ? [Reasons.Known("name-not-resolved", $"The peer's name {name} has only addresses of a family that this endpoint does not have: "
                + $"{string.Join(", ", resolved.Addresses.Take(Maximum))}.")]
            : [];
    }
}
