using System.Collections.Immutable;
using Ipsec.Capture;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>Derived keys as rows of Wireshark's tables. For the explicit key logs and nothing else (D9).</summary>
static class KeyRows
{
    public static string From(IkeKeysDerived keys) => KeyTables.Format(new IkeKeyEntry(
        keys.InitiatorSpi, keys.ResponderSpi, (ushort)keys.Suite.Encryption.Algorithm, keys.Suite.Encryption.KeyBits,
        keys.EncryptionInitiator.Span.ToArray(), keys.EncryptionResponder.Span.ToArray(),
        (ushort)keys.Suite.Integrity, keys.IntegrityInitiator.Span.ToArray(), keys.IntegrityResponder.Span.ToArray()));

    /// <summary>One row per direction, without addresses: those that a capture shows may be translated, and they may move.</summary>
    public static ImmutableArray<string> From(EspKeysInstalled keys)
    {
        bool isV6 = keys.Path.Local.Address.IsV6;
        ushort encryption = (ushort)keys.Suite.Encryption.Algorithm;
        ushort integrity = (ushort)keys.Suite.Integrity;
        return
        [
            KeyTables.Format(new EspKeyEntry(null, null, keys.InboundSpi, encryption, keys.InboundEncryptionKey.Span.ToArray(),
                integrity, keys.InboundIntegrityKey.Span.ToArray(), isV6)),
            KeyTables.Format(new EspKeyEntry(null, null, keys.OutboundSpi, encryption, keys.OutboundEncryptionKey.Span.ToArray(),
                integrity, keys.OutboundIntegrityKey.Span.ToArray(), isV6)),
        ];
    }
}
