namespace Ipsec.Azure.Diagnostics;

/// <summary>
/// The Windows IPsec error numbers under which Azure's gateway diagnostics log a failed negotiation, for the kinds of failure that
/// Microsoft's troubleshooting pages give one.
/// </summary>
public static class AzureErrorNumbers
{
    /// <summary>Connection refused: the device dials a connection that only initiates (the reference, §13).</summary>
    public const int ConnectionRefused = 1225;

    /// <summary>IKE authentication credentials are unacceptable.</summary>
    public const int AuthenticationFailed = 13801;

    /// <summary>Negotiation timed out.</summary>
    public const int TimedOut = 13805;

    /// <summary>Diffie-Hellman failure.</summary>
    public const int DiffieHellmanFailed = 13822;

    /// <summary>Invalid header.</summary>
    public const int InvalidHeader = 13824;

    /// <summary>No policy configured.</summary>
    public const int NoPolicy = 13825;

    /// <summary>Invalid payload.</summary>
    public const int InvalidPayload = 13843;

    /// <summary>Invalid cookie: an SPI that nobody has.</summary>
    public const int InvalidCookie = 13846;

    /// <summary>Policy match error: no common proposal.</summary>
    public const int PolicyMismatch = 13868;

    /// <summary>The peer speaks another IKE version.</summary>
    public const int VersionNotHandled = 13880;

    /// <summary>Traffic selectors unacceptable.</summary>
    public const int TrafficSelectorsUnacceptable = 13999;

    /// <summary>The number for a reason's code, or for the name of a counted fault; null where Azure has none.</summary>
    public static int? Find(string reasonCode) => reasonCode switch
    {
        "only-initiates" => ConnectionRefused,
        "authentication-failed" => AuthenticationFailed,
        "peer-not-responding" or "half-open-timeout" => TimedOut,
        "invalid-ke-payload" or "invalid-ke" or "invalid-ke-value" or "invalid-ke-group" => DiffieHellmanFailed,
        "invalid-init-header" or "unexpected-message" or "unexpected-message-id" or "invalid-message-id" => InvalidHeader,
        "no-connection" => NoPolicy,
        "invalid-syntax" or "invalid-response" or "invalid-init-response" => InvalidPayload,
        "unknown-ike-spi" => InvalidCookie,
        "no-proposal-chosen" or "rekey-will-fail" or "invalid-proposal" => PolicyMismatch,
        "invalid-major-version" => VersionNotHandled,
        "ts-unacceptable" or "selectors-do-not-cover" => TrafficSelectorsUnacceptable,
        _ => null,
    };

    /// <summary>What Windows, and with it Azure's logs, say for a number.</summary>
    public static string MessageOf(int number) => number switch
    {
        ConnectionRefused => "The remote computer refused the network connection",
        AuthenticationFailed => "IKE authentication credentials are unacceptable",
        TimedOut => "Negotiation timed out",
        DiffieHellmanFailed => "Failure in Diffie-Hellman computation",
        InvalidHeader => "Invalid header",
        NoPolicy => "No policy configured",
        InvalidPayload => "Invalid payload received",
        InvalidCookie => "Invalid cookie received",
        PolicyMismatch => "Policy match error",
        VersionNotHandled => "IKE version not handled",
        TrafficSelectorsUnacceptable => "Traffic selectors unacceptable",
        _ => $"Error {number}",
    };

    /// <summary>"[ErrorCode] 0x362C [ErrorMessage] Policy match error".</summary>
    public static string Print(int number) => $"[ErrorCode] 0x{number:X4} [ErrorMessage] {MessageOf(number)}";
}
