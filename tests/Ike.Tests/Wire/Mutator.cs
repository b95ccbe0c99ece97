using System.Buffers.Binary;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

/// <summary>Seeded mutations of valid octets: bits and octets changed, lengths set to extremes, pieces cut out, doubled and appended.</summary>
sealed class Mutator(ulong seed)
{
    readonly SeededRandomSource _random = new(seed);

    public byte[] Mutate(ReadOnlySpan<byte> valid)
    {
        List<byte> octets = [.. valid];
        for (int changes = 1 + Next(3); changes > 0 && octets.Count > 0; changes--)
            Change(octets);
        return [.. octets];
    }

    public int Next(int bound)
    {
        Span<byte> draw = stackalloc byte[4];
        _random.Fill(draw);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(draw) % (uint)bound);
    }

    void Change(List<byte> octets)
    {
        int at = Next(octets.Count);
        switch (Next(8))
        {
            case 0:
                octets[at] ^= (byte)(1 << Next(8));
                break;
            case 1:
                octets[at] = (byte)Next(256);
                break;
            case 2:
                octets[at] = 0;
                break;
            case 3:
                octets[at] = 0xFF;
                break;
            case 4:
                octets[at]++;
                break;
            case 5:
                octets.RemoveRange(at, Math.Min(1 + Next(8), octets.Count - at));
                break;
            case 6:
                octets.InsertRange(at, octets.GetRange(at, Math.Min(1 + Next(16), octets.Count - at)));
                break;
            default:
                octets.Add((byte)Next(256));
                break;
        }
    }
}
