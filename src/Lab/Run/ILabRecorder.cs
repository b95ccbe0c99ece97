using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>Takes what a capture of a lab is made of: the packets of every wire, and the keys that open them (D9: the explicit key log).</summary>
public interface ILabRecorder
{
    /// <summary>A whole IP packet as a capture on the node's outer interface shows it.</summary>
    /// <param name="wire">The name of the node, or of the NAT in front of it.</param>
    void Packet(string wire, Instant at, ReadOnlySpan<byte> packet);

    /// <summary>Both ends of an SA report the same keys. They are cleared after the call.</summary>
    void IkeKeys(IkeKeysDerived keys);

    /// <summary>Each end reports the pair from its own side. The keys are cleared after the call.</summary>
    /// <param name="node">The node whose <see cref="EspKeysInstalled.Path"/> it is.</param>
    void EspKeys(string node, EspKeysInstalled keys);
}
