namespace Ipsec.Ike.KeyDerivation;

/// <summary>
/// The IKE_SA_INIT messages as they travelled, byte for byte and without the non-ESP marker, and their nonces: what AUTH covers (RFC 7296 §2.15).
/// </summary>
/// <param name="Request">The latest one, with cookie and the group agreed on.</param>
sealed record InitialMessages(byte[] Request, byte[] Response, byte[] NonceI, byte[] NonceR)
{
    /// <summary>
    /// IntAuth of RFC 9242 §3.3.2: IntAuth_iN | IntAuth_rN | IKE_AUTH_MID, for both sides the same. Empty where there was no IKE_INTERMEDIATE exchange.
    /// </summary>
    public byte[] IntermediateOctets { get; init; } = [];
}
