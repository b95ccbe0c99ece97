using Ipsec.Crypto.Gcm;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto.Tests.Gcm;

/// <summary>Each way in which this machine can do AES-GCM.</summary>
public enum GcmImplementation
{
    LibCrypto,
    Accelerated,
}

static class GcmImplementations
{
    public static IEnumerable<GcmImplementation> All => GcmKernel.IsSupported ? [GcmImplementation.LibCrypto, GcmImplementation.Accelerated] : [GcmImplementation.LibCrypto];

    public static PacketCipher Create(this GcmImplementation implementation, EncryptionTransform encryption, ReadOnlySpan<byte> keyMaterial, bool forSealing)
    {
        EncryptionEntry entry = AlgorithmRegistry.Find(encryption)!;
        return implementation == GcmImplementation.Accelerated ? new AcceleratedGcmCipher(entry, keyMaterial)
            : new StreamingPacketCipher(entry, keyMaterial, forSealing);
    }
}
