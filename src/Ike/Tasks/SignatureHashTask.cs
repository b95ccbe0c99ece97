using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>SIGNATURE_HASH_ALGORITHMS, RFC 7427 §4: with which hash algorithms a Digital Signature of the peer can be verified.</summary>
sealed class SignatureHashTask : InitTask
{
    // RFC 8247 §3.2: no SHA-1 unless a configuration names it.
    static readonly ImmutableArray<SignatureHash> Default = [SignatureHash.Sha256, SignatureHash.Sha384, SignatureHash.Sha512, SignatureHash.Identity];

    // A bound of ours on what is kept of the peer's list; IANA has assigned six.
    const int MostHashes = 32;

    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        SignatureHash[] hashes = [.. situation.Connections.Where(UsesSignatures).SelectMany(Hashes).Distinct().Order()];
        if (hashes.Length == 0)
            yield break;
        byte[] data = new byte[hashes.Length * sizeof(ushort)];
        for (int i = 0; i < hashes.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(i * sizeof(ushort)), (ushort)hashes[i]);
        yield return new NotifyPayload(NotifyType.SignatureHashAlgorithms, data);
    }

    public override void Read(InitSituation situation, IkeMessage message)
    {
        if (message.FindNotify(NotifyType.SignatureHashAlgorithms) is not NotifyPayload notify || !situation.Connections.Any(UsesSignatures))
            return;
        ImmutableArray<ushort>.Builder hashes = ImmutableArray.CreateBuilder<ushort>();
        for (ReadOnlySpan<byte> rest = notify.Data.Span; rest.Length >= sizeof(ushort) && hashes.Count < MostHashes; rest = rest[sizeof(ushort)..])
            hashes.Add(BinaryPrimitives.ReadUInt16BigEndian(rest));
        situation.Sa.Capabilities = situation.Sa.Capabilities with { SignatureHashAlgorithms = hashes.DrainToImmutable() };
    }

    /// <summary>One side of it, or both.</summary>
    public static bool UsesSignatures(ConnectionConfiguration connection) =>
        connection.LocalAuthentication is LocalAuthentication.SignatureAuthentication || connection.RemoteAuthentication.AllowsSignature;

    static IEnumerable<SignatureHash> Hashes(ConnectionConfiguration connection) => connection.RemoteAuthentication.AcceptedMethods.IsDefaultOrEmpty
        ? Default
        : connection.RemoteAuthentication.AcceptedMethods.Select(method => method.Hash);
}
