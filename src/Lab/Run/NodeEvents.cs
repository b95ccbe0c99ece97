using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;

namespace Ipsec.Lab.Run;

/// <summary>Hands on what nodes in memory tell: to the run, and to the key log.</summary>
sealed class NodeEvents(LabRun run, ILabRecorder? recorder) : ILabNodeEvents
{
    public void Occurred(LabNode node, IkeEvent occurred) => run.Occurs(node, occurred);

    public void InnerPacketSealed(LabNode node, byte[] inner, uint spi, uint sequence) =>
        run.Pings.Sealed(inner, new EspHop(node.ConnectionOf(spi), spi, sequence));

    public void EspKeys(LabNode node, EspKeysInstalled keys)
    {
        recorder?.EspKeys(node.Label, keys);
        keys.InboundEncryptionKey.Dispose();
        keys.InboundIntegrityKey.Dispose();
        keys.OutboundEncryptionKey.Dispose();
        keys.OutboundIntegrityKey.Dispose();
    }

    public void IkeKeys(LabNode node, IkeKeysDerived keys)
    {
        recorder?.IkeKeys(keys);
        keys.EncryptionInitiator.Dispose();
        keys.EncryptionResponder.Dispose();
        keys.IntegrityInitiator.Dispose();
        keys.IntegrityResponder.Dispose();
    }
}
