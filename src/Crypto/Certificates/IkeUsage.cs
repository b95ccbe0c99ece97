namespace Ipsec.Crypto.Certificates;

/// <summary>
/// What a certificate that authenticates IKE must allow, RFC 4945 §5.1.3.2 and §5.1.3.12. Local policy beyond it, because Windows, Azure and many
/// devices issue such: serverAuth, clientAuth and the old iKEIntermediate are taken like id-kp-ipsecIKE.
/// </summary>
static class IkeUsage
{
    static readonly string[] Purposes =
    [
        "1.3.6.1.5.5.7.3.17", // id-kp-ipsecIKE
        "2.5.29.37.0", // anyExtendedKeyUsage
        "1.3.6.1.5.5.8.2.2", // iKEIntermediate
        "1.3.6.1.5.5.7.3.1", // serverAuth
        "1.3.6.1.5.5.7.3.2", // clientAuth
    ];

    /// <summary>Null if the certificate may be used.</summary>
    internal static string? Refusal(Certificate certificate)
    {
        if (certificate.KeyUsages is KeyUsages usages && (usages & (KeyUsages.DigitalSignature | KeyUsages.NonRepudiation)) == 0)
            return $"The keyUsage of {certificate} allows neither digitalSignature nor nonRepudiation, and IKE signs.";
        if (certificate.ExtendedKeyUsages is { } purposes && !purposes.Any(Purposes.Contains))
            return $"The extendedKeyUsage of {certificate} names other purposes only, none of ipsecIKE, anyExtendedKeyUsage, iKEIntermediate, serverAuth " +
                "and clientAuth.";
        return null;
    }
}
