using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>
/// The CERT payloads of a message (RFC 7296 §3.6): a certificate with those that may lead to a trust anchor, or a raw public key (RFC 7670 §3).
/// What cannot be parsed is left out; hash and URL is not understood, and nothing is fetched.
/// </summary>
sealed record PresentedCertificates(Certificate? EndEntity, ImmutableArray<Certificate> Others, PublicKey? RawKey) : IDisposable
{
    public static PresentedCertificates None { get; } = new(null, [], null);

    /// <summary>What AUTH was made with; null where the peer sent nothing that can be used.</summary>
    public PublicKey? Key => EndEntity?.PublicKey ?? RawKey;

    public static PresentedCertificates Read(IkeMessage message)
    {
        ImmutableArray<Certificate>.Builder certificates = ImmutableArray.CreateBuilder<Certificate>();
        PublicKey? rawKey = null;
        bool isFirst = true;
        foreach (CertificatePayload payload in message.Payloads.OfType<CertificatePayload>())
        {
            switch (payload.Encoding)
            {
                case CertificateEncoding.X509Signature when certificates.Count <= CertificatePathValidator.MostUntrusted:
                    if (Certificate.TryParse(payload.Data.Span, out Certificate? certificate))
                        certificates.Add(certificate);
                    else if (isFirst)
                        // The one that counts: another one must not take its place.
                        return None;
                    isFirst = false;
                    break;
                case CertificateEncoding.RawPublicKey when rawKey is null:
                    PublicKey.TryParse(payload.Data.Span, out rawKey);
                    break;
            }
        }
        return certificates.Count == 0 ? None with { RawKey = rawKey } : new PresentedCertificates(certificates[0], [.. certificates.Skip(1)], rawKey);
    }

    public void Dispose()
    {
        EndEntity?.Dispose();
        foreach (Certificate certificate in Others)
            certificate.Dispose();
        RawKey?.Dispose();
    }
}
