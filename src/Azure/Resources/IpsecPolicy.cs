namespace Ipsec.Azure.Resources;

/// <summary>The element of <c>ipsecPolicies</c>: all eight fields are required, and it replaces the default policy in both roles.</summary>
public sealed record IpsecPolicy
{
    public required IkeEncryption IkeEncryption { get; init; }

    /// <summary>Also the pseudorandom function; with a GCM encryption only that.</summary>
    public required IkeIntegrity IkeIntegrity { get; init; }
    public required DhGroup DhGroup { get; init; }
    public required IpsecEncryption IpsecEncryption { get; init; }
    public required IpsecIntegrity IpsecIntegrity { get; init; }
    public required PfsGroup PfsGroup { get; init; }

    /// <summary>Seconds, 300 at least. The IKE SA's lifetime stays 28,800 s.</summary>
    public required int SaLifeTimeSeconds { get; init; }

    /// <summary>Kilobytes of 1,024 octets, 1,024 at least.</summary>
    public required int SaDataSizeKilobytes { get; init; }
}

// The values of the following enumerations are ARM's own, in ARM's spelling.

public enum IkeEncryption
{
    DES,
    DES3,
    AES128,
    AES192,
    AES256,
    GCMAES128,
    GCMAES256,
}

public enum IkeIntegrity
{
    MD5,
    SHA1,
    SHA256,
    SHA384,
    GCMAES128,
    GCMAES256,
}

public enum DhGroup
{
    None,
    DHGroup1,
    DHGroup2,
    DHGroup14,
    DHGroup2048,
    ECP256,
    ECP384,
    DHGroup24,
}

public enum IpsecEncryption
{
    None,
    DES,
    DES3,
    AES128,
    AES192,
    AES256,
    GCMAES128,
    GCMAES192,
    GCMAES256,
}

public enum IpsecIntegrity
{
    MD5,
    SHA1,
    SHA256,
    GCMAES128,
    GCMAES192,
    GCMAES256,
}

public enum PfsGroup
{
    None,
    PFS1,
    PFS2,
    PFS2048,
    ECP256,
    ECP384,
    PFS24,
    PFS14,
    PFSMM,
}
