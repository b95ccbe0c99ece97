namespace Ipsec.Azure.Diagnostics;

/// <summary>
/// The Windows IPsec error numbers under which Azure's gateway diagnostics log a failed negotiation, for the kinds of failure that
/// Microsoft's troubleshooting pages give one.
/// </summary>
public static class AzureErrorNumbers
{
    /// <summary>IKE authentication credentials are unacceptable.</summary>
    public const int AuthenticationFailed = 13801;

    /// <summary>Negotiation timed out.</summary>
    public const int TimedOut = 13805;

    /// <summary>Diffie-Hellman failure.</summary>
    public const int DiffieHellmanFailed = 13822;

    /// <summary>Invalid payload.</summary>
    public const int InvalidPayload = 13843;

    /// <summary>Policy match error: no common proposal.</summary>
    public const int PolicyMismatch = 13868;

    /// <summary>The peer speaks another IKE version.</summary>
    public const int VersionNotHandled = 13880;

    /// <summary>Traffic selectors unacceptable.</summary>
    public const int TrafficSelectorsUnacceptable = 13999;

    /// <summary>The number for a reason's code; null where Azure has none.</summary>
    public static int? Find(string reasonCode) => reasonCode switch
    {
        "authentication-failed" => AuthenticationFailed,
        "peer-not-responding" or "half-open-timeout" => TimedOut,
        "invalid-ke-payload" => DiffieHellmanFailed,
        "invalid-syntax" => InvalidPayload,
        "no-proposal-chosen" or "rekey-will-fail" => PolicyMismatch,
        "invalid-major-version" => VersionNotHandled,
        "ts-unacceptable" => TrafficSelectorsUnacceptable,
        _ => null,
    };
}
