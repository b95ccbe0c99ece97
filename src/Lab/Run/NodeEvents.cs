using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;

namespace Ipsec.Lab.Run;

/// <summary>Hands on what nodes tell: to the watchers of connections, to whoever watches the lab, to the key log.</summary>
sealed class NodeEvents(LabRun run, ILabRecorder? recorder) : ILabNodeEvents
{
    public void Occurred(LabNode node, IkeEvent occurred)
    {
        foreach (ConnectionWatch connection in run.Connections.Values)
        {
            // A refusal of IKE_SA_INIT comes before a connection is chosen (D10), so it concerns every one that it may have been for.
            if (occurred.Connection is null ? !ConnectionWatch.IsUp(connection, node) : occurred.Connection == connection.Name)
                connection.Occurred(node, occurred);
        }
        run.Tell(new NodeEvent(run.Now, node.Label, occurred));
    }

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
