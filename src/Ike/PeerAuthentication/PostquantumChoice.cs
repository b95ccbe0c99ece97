using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>The post-quantum preshared key that both sides may use in this IKE_AUTH, with the keys that come of it (RFC 8784 §3).</summary>
sealed class PostquantumChoice(PostquantumKey key, PostquantumKeys keys) : IDisposable
{
    public PostquantumKey Key { get; } = key;
    public PostquantumKeys Keys { get; } = keys;

    /// <summary>An initiator offers its first one; null where the responder announced no support.</summary>
    public static PostquantumChoice? Offer(AuthenticationSituation situation, ConnectionConfiguration connection) =>
        situation.Peer.PostquantumPresharedKey ? Derive(situation, connection.PostquantumKeys[0]) : null;

    /// <summary>
    /// A responder looks for the one that the initiator names, in the connections that are for its identity; null where there is none. One that is configured
    /// for other identities only is as good as unknown (RFC 8784 §3), and costs as much as if it were not.
    /// </summary>
    /// <param name="named">Those that the identities allow, the preferred one first.</param>
    /// <param name="all">All that the addresses allow.</param>
    public static PostquantumChoice? Find(AuthenticationSituation situation, ImmutableArray<ConnectionCandidate> named,
        ImmutableArray<ConnectionConfiguration> all, IkeMessage request)
    {
        if (!situation.Peer.PostquantumPresharedKey || PostquantumKeyIdentity.Read(request) is not { IsEmpty: false } read)
            return null;
        byte[] identity = [.. read];
        PostquantumKey? own = Match(named.Select(candidate => candidate.Connection));
        if ((own ?? Match(all)) is not PostquantumKey key)
            return null;
        PostquantumChoice choice = Derive(situation, key);
        if (own is not null)
            return choice;
        choice.Dispose();
        return null;

        PostquantumKey? Match(IEnumerable<ConnectionConfiguration> connections) =>
            connections.SelectMany(connection => connection.PostquantumKeys)
                .FirstOrDefault(candidate => candidate.IdentityOctets.AsSpan().SequenceEqual(identity));
    }

    /// <summary>It has been used by both sides: SK_d' serves this IKE SA from here on.</summary>
    public void Use(IkeKeys ikeKeys) => ikeKeys.ReplaceSkD(Keys.SkD.Clone());

    public void Dispose() => Keys.Dispose();

    static PostquantumChoice Derive(AuthenticationSituation situation, PostquantumKey key) =>
        new(key, PostquantumKeys.Derive(situation.Suite.Prf, key.Key, situation.Keys));
}
