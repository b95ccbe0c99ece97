using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>CERTREQ of a responder stands in its IKE_SA_INIT response (RFC 7296 §1.2); an initiator's is part of what proves it in IKE_AUTH.</summary>
sealed class CertificateRequestTask : InitTask
{
    // A bound of ours: more authorities than this make messages that need fragments.
    internal const int MostAuthorities = 32;

    public override IEnumerable<Payload> ToPayloads(InitSituation situation) =>
        situation.Request is null ? [] : Request(situation.Connections.Select(connection => connection.RemoteAuthentication));

    /// <summary>Only an initiator gets one here; what stands in an IKE_AUTH request is read by authentication.</summary>
    public override void Read(InitSituation situation, IkeMessage message) => situation.Sa.Capabilities = situation.Sa.Capabilities with
    {
        CertificateAuthorities = Authorities(message),
    };

    /// <summary>What these ways to authenticate would like to get; nothing where no certificate is of use.</summary>
    public static IEnumerable<Payload> Request(IEnumerable<RemoteAuthentication> ways)
    {
        byte[] hashes = [.. ways.Where(way => way.Trust is not null).SelectMany(way => way.Trust!.Anchors)
            .DistinctBy(anchor => Convert.ToHexString(anchor.PublicKeyHash.AsSpan()))
            .Take(MostAuthorities).SelectMany(anchor => anchor.PublicKeyHash)];
        if (hashes.Length > 0)
            yield return new CertificateRequestPayload(CertificateEncoding.X509Signature, hashes);
    }

    /// <summary>The hashes of all requests for X.509 certificates in a message, within the bound on their number.</summary>
    public static ReadOnlyMemory<byte> Authorities(IkeMessage message)
    {
        byte[] hashes = [.. message.Payloads.OfType<CertificateRequestPayload>().Where(request => request.Encoding == CertificateEncoding.X509Signature)
            .SelectMany(request => request.Authorities.ToArray()).Take(MostHashes * CertificateRequestPayload.HashLength)];
        return hashes;
    }

    const int MostHashes = 256;
}
