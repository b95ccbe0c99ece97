namespace Ipsec.Ike.Wire;

/// <summary>
/// What one message may hold. RFC 7296 sets no such limits; these are ours, several times what real peers send, so that no
/// datagram costs more memory or work than its sender paid for.
/// </summary>
static class WireLimits
{
    /// <summary>Octets of one IKE message: what a UDP datagram can carry.</summary>
    public const int MessageLength = 65535;

    /// <summary>Fragments of one message (RFC 7383): a message of the length above in fragments of 256 octets.</summary>
    public const int Fragments = 256;

    /// <summary>Payloads of one message, skipped ones counted.</summary>
    public const int Payloads = 128;

    /// <summary>Proposals of one Security Association payload.</summary>
    public const int Proposals = 128;

    /// <summary>Transforms of one Security Association payload, over all its proposals.</summary>
    public const int Transforms = 2048;

    /// <summary>Attributes of one transform; RFC 7296 §3.3.5 defines a single one.</summary>
    public const int Attributes = 16;

    /// <summary>Selectors of one Traffic Selector payload: what its one-octet count can say.</summary>
    public const int Selectors = 255;

    /// <summary>SPIs of one Delete payload.</summary>
    public const int DeletedSpis = 4096;

    /// <summary>Attributes of one Configuration payload.</summary>
    public const int ConfigurationAttributes = 128;
}
