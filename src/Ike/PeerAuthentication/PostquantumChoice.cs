using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
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

    /// <summary>A responder looks for the one that the initiator names, in whatever connection could be meant; null where there is none.</summary>
    public static PostquantumChoice? Find(AuthenticationSituation situation, ImmutableArray<ConnectionConfiguration> candidates, IkeMessage request)
    {
        ReadOnlySpan<byte> identity = situation.Peer.PostquantumPresharedKey ? PostquantumKeyIdentity.Read(request) : [];
        foreach (PostquantumKey key in candidates.SelectMany(candidate => candidate.PostquantumKeys))
        {
            if (!identity.IsEmpty && identity.SequenceEqual(key.IdentityOctets))
                return Derive(situation, key);
        }
        return null;
    }

    /// <summary>It has been used by both sides: SK_d' serves this IKE SA from here on.</summary>
    public void Use(IkeKeys ikeKeys) => ikeKeys.ReplaceSkD(Keys.SkD.Clone());

    public void Dispose() => Keys.Dispose();

    static PostquantumChoice Derive(AuthenticationSituation situation, PostquantumKey key) =>
        new(key, PostquantumKeys.Derive(situation.Suite.Prf, key.Key, situation.Keys));
}
