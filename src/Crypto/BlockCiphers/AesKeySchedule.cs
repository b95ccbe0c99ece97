using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Ipsec.Crypto.BlockCiphers;

/// <summary>The key expansion of FIPS 197 §5.2 by the processor's own S-box: nothing is looked up by a secret.</summary>
static class AesKeySchedule
{
    /// <summary>Octets for the longest key: 15 round keys.</summary>
    public const int MaximumLength = 15 * 16;

    const int LongKeyWords = 8;

    /// <summary>FIPS 197 figure 4.</summary>
    public static int Rounds(int keyLength) => keyLength / sizeof(uint) + 6;

    /// <param name="key">16, 24 or 32 octets.</param>
    /// <param name="schedule">Takes the round keys one after the other, the first one is where encryption begins.</param>
    public static void Expand(ReadOnlySpan<byte> key, Span<byte> schedule)
    {
        int keyWords = key.Length / sizeof(uint);
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(schedule)[..(4 * (Rounds(key.Length) + 1))];
        key.CopyTo(schedule);
        uint roundConstant = 1;
        for (int i = keyWords; i < words.Length; i++)
        {
            uint word = words[i - 1];
            if (i % keyWords == 0)
            {
                word = Substitute(word)[1] ^ roundConstant;
                // Doubling in GF(2^8); the constants are public.
                roundConstant = roundConstant << 1 ^ (roundConstant >> 7) * 0x11b;
            }
            else if (keyWords == LongKeyWords && i % keyWords == 4)
            {
                word = Substitute(word)[0];
            }
            words[i] = words[i - keyWords] ^ word;
        }
    }

    /// <summary>Turns the schedule round for decryption by the equivalent inverse cipher (FIPS 197 §5.3.5).</summary>
    public static void Invert(Span<byte> schedule, int rounds)
    {
        Span<Vector128<byte>> keys = MemoryMarshal.Cast<byte, Vector128<byte>>(schedule)[..(rounds + 1)];
        keys.Reverse();
        foreach (ref Vector128<byte> key in keys[1..rounds])
            key = AesInstructions.InverseMixColumns(key);
    }

    /// <summary>SubWord at index 0 and RotWord of that at index 1.</summary>
    static Vector128<uint> Substitute(uint word) => AesInstructions.KeygenAssist(Vector128.Create(0, word, 0, 0).AsByte(), 0).AsUInt32();
}
