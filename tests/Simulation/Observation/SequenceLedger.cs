using System.Buffers.Binary;
using Ipsec.Endpoint;

namespace Ipsec.Simulation.Observation;

/// <summary>Every ESP packet that the nodes of a cell seal: no (key, sequence number) twice, whatever the SPI, whatever was restarted.</summary>
sealed class SequenceLedger
{
    readonly Dictionary<ulong, KeyUse> _byKey = [];

    /// <summary>The same key again is the same entry: an SA that was installed twice does not begin anew.</summary>
    public KeyUse Add(EspKeysInstalled installed)
    {
        ulong fingerprint = KeyUse.Fingerprint(installed.OutboundEncryptionKey, installed.OutboundIntegrityKey);
        if (!_byKey.TryGetValue(fingerprint, out KeyUse? use))
            _byKey[fingerprint] = use = new KeyUse(installed);
        return use;
    }

    /// <summary>What is wrong with a sealed packet; null if nothing is.</summary>
    public static string? Check(KeyUse? use, ReadOnlySpan<byte> esp)
    {
        uint spi = BinaryPrimitives.ReadUInt32BigEndian(esp);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(esp[4..]);
        if (use is null)
            return $"sealed for SPI {spi:x8}, for which no key was ever installed";
        if (sequence <= use.LastSequence)
            return $"sequence number {sequence} used twice with one key (SPI {spi:x8}, last was {use.LastSequence})";
        use.LastSequence = sequence;
        return null;
    }
}
