using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Crypto.Certificates;

/// <summary>
/// An X.509 certificate (RFC 5280) as it travels in CERT payloads of encoding 4 (RFC 7296 §3.6). Equal certificates have the same octets.
/// Nothing is said about trust: that is <see cref="CertificatePathValidator"/>'s. Safe for several threads at once.
/// </summary>
public sealed class Certificate : IEquatable<Certificate>, IDisposable
{
    /// <summary>Octets of the longest certificate that is taken.</summary>
    public const int LongestEncoding = 16384;

    readonly byte[] _encoding;
    readonly CertificateFields _fields;

    Certificate(byte[] encoding, CertificateFields fields, PublicKey publicKey, CertificateHandle handle)
    {
        _encoding = encoding;
        _fields = fields;
        PublicKey = publicKey;
        Handle = handle;
        PublicKeyHash = [.. SHA1.HashData(publicKey.Encoding)];
    }

    /// <summary>DER.</summary>
    public ReadOnlySpan<byte> Encoding => _encoding;

    public DistinguishedName Subject => _fields.Subject;

    public DistinguishedName Issuer => _fields.Issuer;

    public ImmutableArray<SubjectAlternativeName> AlternativeNames => _fields.AlternativeNames;

    /// <summary>Lives as long as the certificate.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>SHA-1 of the SubjectPublicKeyInfo: how CERTREQ names a certification authority (RFC 7296 §3.7).</summary>
    public ImmutableArray<byte> PublicKeyHash { get; }

    /// <summary>Hexadecimal, as tools print it.</summary>
    public string SerialNumber => Convert.ToHexStringLower(_fields.SerialNumber);

    public DateTimeOffset NotBefore => _fields.NotBefore;

    public DateTimeOffset NotAfter => _fields.NotAfter;

    /// <summary>basicConstraints says CA:TRUE.</summary>
    public bool IsAuthority => _fields.IsAuthority;

    public bool IsSelfIssued => Subject.Equals(Issuer);

    /// <summary>Null without the extension.</summary>
    public KeyUsages? KeyUsages => _fields.KeyUsages;

    /// <summary>Object identifiers in dots; null without the extension.</summary>
    public ImmutableArray<string>? ExtendedKeyUsages => _fields.ExtendedKeyUsages;

    /// <summary>It names a CRL distribution point or an OCSP server. Neither is ever asked.</summary>
    public bool NamesRevocationSource => _fields.NamesRevocationSource;

    internal CertificateHandle Handle { get; }

    internal ReadOnlySpan<byte> SerialNumberOctets => _fields.SerialNumber;

    /// <summary>
    /// Takes one certificate in DER, from a peer among others. False unless it is whole, well formed and has a key that <see cref="Signatures.PublicKey"/>
    /// takes.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> der, [NotNullWhen(true)] out Certificate? certificate)
    {
        certificate = null;
        if (der.Length is 0 or > LongestEncoding)
            return false;
        byte[] encoding = der.ToArray();
        if (CertificateFields.Parse(encoding) is not CertificateFields fields
            || !PublicKey.TryParse(fields.SubjectPublicKeyInfo.Span, out PublicKey? publicKey))
            return false;
        if (CertificateHandle.Parse(encoding) is not CertificateHandle handle)
        {
            publicKey.Dispose();
            return false;
        }
        certificate = new Certificate(encoding, fields, publicKey, handle);
        return true;
    }

    /// <summary>Takes a file: PEM with one or more certificates in their order, or one in DER.</summary>
    /// <param name="error">Why not, as the rest of a sentence that begins with the file's name.</param>
    public static bool TryReadAll(ReadOnlySpan<byte> pemOrDer, out ImmutableArray<Certificate> certificates, [NotNullWhen(false)] out string? error) =>
        CertificateText.TryReadAll(pemOrDer, out certificates, out error);

    public bool Equals(Certificate? other) => other is not null && _encoding.AsSpan().SequenceEqual(other._encoding);

    public override bool Equals(object? obj) => Equals(obj as Certificate);

    public override int GetHashCode() => _encoding.Length << 16 ^ _encoding[^1] << 8 ^ _encoding[^2];

    public override string ToString() => Subject.IsEmpty ? $"serial number {SerialNumber}" : Subject.ToString();

    public void Dispose()
    {
        PublicKey.Dispose();
        Handle.Dispose();
    }
}
