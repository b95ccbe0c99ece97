using Ipsec.Net;

namespace Ipsec.Capture;

/// <summary>
/// The keys of one IKE SA: a row of Wireshark's <c>ikev2_decryption_table</c>. Algorithms are numbers of IANA's "IKEv2 Parameters".
/// </summary>
/// <param name="EncryptionId">Transform type 1.</param>
/// <param name="EncryptionKeyBits">The Key Length attribute; 0 for a cipher of fixed key length.</param>
/// <param name="EncryptionInitiator">SK_ei, the salt of a combined-mode cipher at its end.</param>
/// <param name="IntegrityId">Transform type 3; 0 with a combined-mode cipher.</param>
/// <param name="IntegrityInitiator">SK_ai; empty with a combined-mode cipher.</param>
public sealed record IkeKeyEntry(ulong InitiatorSpi, ulong ResponderSpi, ushort EncryptionId, int EncryptionKeyBits,
    ReadOnlyMemory<byte> EncryptionInitiator, ReadOnlyMemory<byte> EncryptionResponder,
    ushort IntegrityId, ReadOnlyMemory<byte> IntegrityInitiator, ReadOnlyMemory<byte> IntegrityResponder);

/// <summary>
/// The keys of one ESP SA, which is one direction: a row of Wireshark's <c>esp_sa</c>. The table cannot say that an SA has extended
/// sequence numbers; such an SA's packets fail Wireshark's integrity check.
/// </summary>
/// <param name="Source">Outer address of the sender; null is any.</param>
/// <param name="Destination">Outer address of the receiver; null is any.</param>
/// <param name="EncryptionId">Transform type 1.</param>
/// <param name="EncryptionKey">The salt of a combined-mode cipher at its end.</param>
/// <param name="IntegrityId">Transform type 3; 0 with a combined-mode cipher.</param>
/// <param name="IntegrityKey">Empty with a combined-mode cipher.</param>
public sealed record EspKeyEntry(IpAddress? Source, IpAddress? Destination, uint Spi, ushort EncryptionId, ReadOnlyMemory<byte> EncryptionKey,
    ushort IntegrityId, ReadOnlyMemory<byte> IntegrityKey, bool IsV6 = false);
