using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;

namespace Ipsec.Lab.Run;

/// <summary>Where a node tells what happens in it.</summary>
interface ILabNodeEvents
{
    void Occurred(LabNode node, IkeEvent occurred);

    /// <summary>An inner packet left as the ESP packet with this SPI and the low 32 bits of its sequence number.</summary>
    void InnerPacketSealed(LabNode node, byte[] inner, uint spi, uint sequence);

    /// <summary>The receiver disposes the keys.</summary>
    void EspKeys(LabNode node, EspKeysInstalled keys);

    /// <summary>The receiver disposes the keys.</summary>
    void IkeKeys(LabNode node, IkeKeysDerived keys);
}
