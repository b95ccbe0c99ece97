using System.Security.Cryptography.X509Certificates;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Tests.Support.Certificates;

/// <summary>What a test certificate says.</summary>
public sealed record CertificateOptions
{
    /// <summary>2026-01-01, a fixed date: tests read no clock.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A moment at which certificates with the default dates are valid.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>See <see cref="TestKey"/>.</summary>
    public string Key { get; init; } = "p256";

    /// <summary>Null: the subject.</summary>
    public string? KeyName { get; init; }

    public DateTimeOffset NotBefore { get; init; } = Start;

    public DateTimeOffset NotAfter { get; init; } = Start.AddYears(10);

    public bool IsAuthority { get; init; }

    /// <summary>Null: no constraint.</summary>
    public int? PathLength { get; init; }

    /// <summary>False leaves out basicConstraints and keyUsage.</summary>
    public bool StandardExtensions { get; init; } = true;

    public string[] Dns { get; init; } = [];

    public string[] Email { get; init; } = [];

    public string[] Ip { get; init; } = [];

    public string[] Uri { get; init; } = [];

    public string[] ExtendedKeyUsages { get; init; } = [];

    /// <summary>Null: digitalSignature, or keyCertSign and cRLSign for an authority.</summary>
    public X509KeyUsageFlags? KeyUsage { get; init; }

    /// <summary>How the issuer signs; null is its usual way.</summary>
    public SignatureMethod? Signature { get; init; }

    public X509Extension[] More { get; init; } = [];
}
