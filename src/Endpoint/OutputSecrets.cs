using Ipsec.Crypto;
using Ipsec.Ike.Outputs;

namespace Ipsec.Endpoint;

/// <summary>The keys in outputs for the key log belong to whoever takes the output; where nobody does, they are cleared here.</summary>
static class OutputSecrets
{
    public static void Dispose(EndpointOutput output)
    {
        ReadOnlySpan<Secret> keys = output switch
        {
            EspKeysInstalled esp => [esp.InboundEncryptionKey, esp.InboundIntegrityKey, esp.OutboundEncryptionKey, esp.OutboundIntegrityKey],
            EndpointEvent { Event: IkeKeysDerived ike } => [ike.EncryptionInitiator, ike.EncryptionResponder, ike.IntegrityInitiator, ike.IntegrityResponder],
            _ => [],
        };
        foreach (Secret key in keys)
            key.Dispose();
    }
}
