using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Ipsec.Crypto.BlockCiphers;

/// <summary>AES by the processor's instructions, a block at a time.</summary>
static unsafe class AesBlock
{
    /// <summary>Octets.</summary>
    public const int Length = 16;

    /// <summary>This processor can do it.</summary>
    public static bool IsSupported => AesInstructions.IsSupported;

    /// <param name="roundKeys">Of <see cref="AesKeySchedule.Expand"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Encrypt(Vector128<byte>* roundKeys, int rounds, Vector128<byte> block)
    {
        block ^= roundKeys[0];
        for (int i = 1; i < rounds; i++)
            block = AesInstructions.Encrypt(block, roundKeys[i]);
        return AesInstructions.EncryptLast(block, roundKeys[rounds]);
    }
}
