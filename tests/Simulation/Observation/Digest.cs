using System.Buffers.Binary;
using System.Numerics;

namespace Ipsec.Simulation.Observation;

/// <summary>A fingerprint of everything that happened, octet for octet: two runs are the same run if it is equal. Fast, not cryptographic.</summary>
sealed class Digest
{
    ulong _state = 0x243F6A8885A308D3UL;

    public ulong Value => Mix(_state);

    public void Add(ulong value) => _state = BitOperations.RotateLeft(_state ^ Mix(value), 23) * 0x9E3779B97F4A7C15UL;

    public void Add(ReadOnlySpan<byte> octets) => Add(Of(octets));

    public static ulong Of(ReadOnlySpan<byte> octets)
    {
        ulong hash = (ulong)octets.Length * 0xC2B2AE3D27D4EB4FUL;
        for (; octets.Length >= sizeof(ulong); octets = octets[sizeof(ulong)..])
            hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(octets) * 0x9FB21C651E98DF25UL, 29) * 0x9E3779B97F4A7C15UL;
        foreach (byte octet in octets)
            hash = BitOperations.RotateLeft(hash ^ octet, 11) * 0x9E3779B97F4A7C15UL;
        return Mix(hash);
    }

    static ulong Mix(ulong value)
    {
        value = (value ^ value >> 32) * 0xBEA225F9EB34556DUL;
        return value ^ value >> 29;
    }
}
