using Ipsec.Crypto;

namespace Ipsec.Esp;

/// <summary>The algorithms of an ESP association (RFC 4303 §3.2).</summary>
/// <param name="Integrity">None for combined-mode encryption.</param>
/// <param name="ExtendedSequenceNumbers">64-bit sequence numbers of which 32 are sent (RFC 4303 §2.2.1).</param>
public readonly record struct EspTransforms(EncryptionTransform Encryption, IntegrityAlgorithm Integrity, bool ExtendedSequenceNumbers);
