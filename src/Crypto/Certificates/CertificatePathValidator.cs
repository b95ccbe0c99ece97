using System.Collections.Immutable;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Certificates;

/// <summary>
/// Decides whether a peer's certificate is to be trusted (RFC 5280 §6) with libcrypto's X509_STORE. Anchors, intermediate certificates and revocation
/// lists come from the configuration, the time from the caller. Nothing is downloaded: distribution points and OCSP servers that a certificate
/// names are never asked, before or after it is trusted (CVE-2022-40617). OCSP is not supported. Immutable; safe for several threads at once.
/// </summary>
/// <remarks>
/// Every anchor is trusted for itself: a path ends at the first one, whether that certificate is self-signed or not, and an end-entity certificate may
/// be an anchor. The certificates and lists given stay the caller's and must live as long as the validator.
/// </remarks>
public sealed class CertificatePathValidator : IEquatable<CertificatePathValidator>, IDisposable
{
    /// <summary>Certificates of a peer beyond this number are not looked at.</summary>
    public const int MostUntrusted = 16;

    /// <summary>Certificates between the end-entity certificate and its anchor.</summary>
    public const int MostIntermediates = 6;

    readonly StoreHandle _store = StoreHandle.Create();

    public CertificatePathValidator(IEnumerable<Certificate> anchors, IEnumerable<Certificate> intermediates, IEnumerable<RevocationList> revocationLists)
    {
        Anchors = [.. anchors];
        Intermediates = [.. intermediates];
        RevocationLists = [.. revocationLists];
        foreach (Certificate anchor in Anchors)
            LibraryContext.Check(CertificateFunctions.X509_STORE_add_cert(_store, anchor.Handle), nameof(CertificateFunctions.X509_STORE_add_cert));
        foreach (RevocationList list in RevocationLists)
            LibraryContext.Check(CertificateFunctions.X509_STORE_add_crl(_store, list.Handle), nameof(CertificateFunctions.X509_STORE_add_crl));
    }

    /// <summary>What CERTREQ asks for, by <see cref="Certificate.PublicKeyHash"/>.</summary>
    public ImmutableArray<Certificate> Anchors { get; }

    public ImmutableArray<Certificate> Intermediates { get; }

    public ImmutableArray<RevocationList> RevocationLists { get; }

    internal StoreHandle Store => _store;

    /// <summary>Checks one certificate at one moment. Never throws for what a peer sent; takes a few signature verifications at most.</summary>
    /// <param name="untrusted">The peer's other certificates, in any order.</param>
    public CertificateVerdict Validate(Certificate certificate, IReadOnlyList<Certificate> untrusted, RevocationPolicy revocation, DateTimeOffset utc)
    {
        PathCheck check = new(this, certificate, [.. untrusted.Take(MostUntrusted), .. Intermediates], revocation, utc);
        return check.Run();
    }

    public bool Equals(CertificatePathValidator? other) =>
        other is not null && Anchors.SequenceEqual(other.Anchors) && Intermediates.SequenceEqual(other.Intermediates)
        && RevocationLists.SequenceEqual(other.RevocationLists);

    public override bool Equals(object? obj) => Equals(obj as CertificatePathValidator);

    public override int GetHashCode() => Anchors.Length << 8 ^ RevocationLists.Length;

    public void Dispose() => _store.Dispose();
}
