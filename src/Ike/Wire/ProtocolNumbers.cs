namespace Ipsec.Ike.Wire;

/// <summary>Security protocol identifiers, RFC 7296 §3.3.1.</summary>
public enum ProtocolId : byte
{
    None = 0,
    Ike = 1,
    Ah = 2,
    Esp = 3,
}

/// <summary>Exchange types, RFC 7296 §3.1 and the RFCs named.</summary>
public enum ExchangeType : byte
{
    IkeSaInit = 34,
    IkeAuth = 35,
    CreateChildSa = 36,
    Informational = 37,

    /// <summary>RFC 9242.</summary>
    IkeIntermediate = 43,

    /// <summary>RFC 9370 §2.2.4.</summary>
    IkeFollowupKe = 44,
}

/// <summary>Payload types, RFC 7296 §3.2 and RFC 7383 §2.5.</summary>
public enum PayloadType : byte
{
    None = 0,
    SecurityAssociation = 33,
    KeyExchange = 34,
    IdentificationInitiator = 35,
    IdentificationResponder = 36,
    Certificate = 37,
    CertificateRequest = 38,
    Authentication = 39,
    Nonce = 40,
    Notify = 41,
    Delete = 42,
    VendorId = 43,
    TrafficSelectorInitiator = 44,
    TrafficSelectorResponder = 45,
    Encrypted = 46,
    Configuration = 47,
    ExtensibleAuthentication = 48,
    EncryptedFragment = 53,
}

/// <summary>Identification types, RFC 7296 §3.5.</summary>
public enum IdentificationType : byte
{
    Ipv4Address = 1,
    Fqdn = 2,
    Rfc822Address = 3,
    Ipv6Address = 5,
    DerAsn1Dn = 9,
    DerAsn1Gn = 10,
    KeyId = 11,
}

/// <summary>Authentication methods, RFC 7296 §3.8 and the RFCs named.</summary>
public enum AuthenticationMethod : byte
{
    RsaDigitalSignature = 1,
    SharedKeyMessageIntegrityCode = 2,
    DssDigitalSignature = 3,

    // RFC 4754 §3.
    EcdsaSha256P256 = 9,
    EcdsaSha384P384 = 10,
    EcdsaSha512P521 = 11,

    // RFC 7427 §3.
    DigitalSignature = 14,
}

/// <summary>Certificate encodings, RFC 7296 §3.6. Hash and URL (12, 13) would make us fetch what a peer names: they are not understood.</summary>
public enum CertificateEncoding : byte
{
    X509Signature = 4,
    CertificateRevocationList = 7,

    // RFC 7670 §3.
    RawPublicKey = 15,
}

/// <summary>Notify message types, RFC 7296 §3.10.1 and the RFCs named.</summary>
public enum NotifyType : ushort
{
    UnsupportedCriticalPayload = 1,
    InvalidIkeSpi = 4,
    InvalidMajorVersion = 5,
    InvalidSyntax = 7,
    InvalidMessageId = 9,
    InvalidSpi = 11,
    NoProposalChosen = 14,
    InvalidKePayload = 17,
    AuthenticationFailed = 24,
    SinglePairRequired = 34,
    NoAdditionalSas = 35,
    InternalAddressFailure = 36,
    FailedCpRequired = 37,
    TsUnacceptable = 38,
    InvalidSelectors = 39,

    // RFC 4555 §4.1.
    UnacceptableAddresses = 40,
    UnexpectedNatDetected = 41,

    TemporaryFailure = 43,
    ChildSaNotFound = 44,

    // RFC 9370 §2.2.4.
    StateNotFound = 47,

    InitialContact = 16384,
    SetWindowSize = 16385,
    AdditionalTsPossible = 16386,
    IpcompSupported = 16387,
    NatDetectionSourceIp = 16388,
    NatDetectionDestinationIp = 16389,
    Cookie = 16390,
    UseTransportMode = 16391,
    HttpCertLookupSupported = 16392,
    RekeySa = 16393,
    EspTfcPaddingNotSupported = 16394,
    NonFirstFragmentsAlso = 16395,

    // RFC 4555 §4.2.
    MobikeSupported = 16396,
    AdditionalIp4Address = 16397,
    AdditionalIp6Address = 16398,
    NoAdditionalAddresses = 16399,
    UpdateSaAddresses = 16400,
    Cookie2 = 16401,
    NoNatsAllowed = 16402,

    // RFC 4478 §3, RFC 4739 §3.
    AuthLifetime = 16403,
    MultipleAuthSupported = 16404,
    AnotherAuthFollows = 16405,

    // RFC 5685 §9.
    RedirectSupported = 16406,
    Redirect = 16407,
    RedirectedFrom = 16408,

    // RFC 5998 §4, RFC 6023 §4, RFC 6290 §9.
    EapOnlyAuthentication = 16417,
    ChildlessIkev2Supported = 16418,
    QuickCrashDetection = 16419,

    // RFC 7383 §2.3, RFC 7427 §4.
    Ikev2FragmentationSupported = 16430,
    SignatureHashAlgorithms = 16431,

    // RFC 8784 §3.
    UsePpk = 16435,
    PpkIdentity = 16436,
    NoPpkAuth = 16437,

    // RFC 9242 §3.1, RFC 9370 §2.2.4.
    IntermediateExchangeSupported = 16438,
    AdditionalKeyExchange = 16441,
}

/// <summary>Transform types, RFC 7296 §3.3.2 and RFC 9370 §2.2.1.</summary>
public enum TransformType : byte
{
    Encryption = 1,
    PseudorandomFunction = 2,
    Integrity = 3,
    KeyExchange = 4,
    ExtendedSequenceNumbers = 5,
    AdditionalKeyExchange1 = 6,
    AdditionalKeyExchange2 = 7,
    AdditionalKeyExchange3 = 8,
    AdditionalKeyExchange4 = 9,
    AdditionalKeyExchange5 = 10,
    AdditionalKeyExchange6 = 11,
    AdditionalKeyExchange7 = 12,
}
