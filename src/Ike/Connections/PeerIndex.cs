using System.Runtime.InteropServices;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Connections;

/// <summary>
/// Who is at the other end: every established IKE SA, and every attempt of ours, by the identity of the peer and whatever connection it belongs to. An IKE SA
/// whose peer was expected under another identity, its address for instance, stands under both.
/// </summary>
sealed class PeerIndex
{
    readonly Dictionary<Identity, List<EstablishedIkeSa>> _established = [];
    readonly Dictionary<Identity, List<IkeSa>> _attempts = [];

    /// <summary>Established ones with a peer of this identity.</summary>
    public IEnumerable<EstablishedIkeSa> With(Identity remote) => Found(remote).Where(ike => ike.RemoteIdentity.Equals(remote));

    public void Add(EstablishedIkeSa ike)
    {
        Add(_established, ike.RemoteIdentity, ike);
        if (ike.Origin.ExpectedIdentity is Identity expected)
            Add(_established, expected, ike);
    }

    public void Remove(EstablishedIkeSa ike)
    {
        Remove(_established, ike.RemoteIdentity, ike);
        if (ike.Origin.ExpectedIdentity is Identity expected)
            Remove(_established, expected, ike);
    }

    public void AddAttempt(ConnectionRuntime connection, IkeSa attempt) => Add(_attempts, connection.ExpectedIdentity(attempt.Path.Remote.Address), attempt);

    public void RemoveAttempt(ConnectionRuntime connection, IkeSa attempt) =>
        Remove(_attempts, connection.ExpectedIdentity(attempt.Path.Remote.Address), attempt);

    /// <summary>
    /// INITIAL_CONTACT may be said on this attempt of ours: there is no other IKE SA with that peer, and no other attempt that the peer may have accepted
    /// already (RFC 7296 §2.4).
    /// </summary>
    public bool IsFirstContact(ConnectionRuntime connection, IkeSa attempt)
    {
        Identity expected = connection.ExpectedIdentity(attempt.Path.Remote.Address);
        Identity local = AttemptStarter.LocalIdentity(connection.Configuration, attempt.Path.Local.Address);
        return connection.IkeSas.Count == 0 && !Found(expected).Any(ike => ike.LocalIdentity.Equals(local))
            && !(_attempts.TryGetValue(expected, out List<IkeSa>? attempts) && attempts.Any(other => other != attempt && other.State is AuthInitiator));
    }

    IEnumerable<EstablishedIkeSa> Found(Identity identity) => _established.TryGetValue(identity, out List<EstablishedIkeSa>? found) ? found : [];

    static void Add<T>(Dictionary<Identity, List<T>> index, Identity identity, T item) =>
        (CollectionsMarshal.GetValueRefOrAddDefault(index, identity, out _) ??= new List<T>(1)).Add(item);

    static void Remove<T>(Dictionary<Identity, List<T>> index, Identity identity, T item)
    {
        if (!index.TryGetValue(identity, out List<T>? same))
            return;
        same.Remove(item);
        if (same.Count == 0)
            index.Remove(identity);
    }
}
