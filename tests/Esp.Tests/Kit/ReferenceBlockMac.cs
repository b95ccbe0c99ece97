using System.Security.Cryptography;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>AES-XCBC-MAC (RFC 3566 §4) and AES-CMAC (RFC 4493 §2.4), block by block.</summary>
static class ReferenceBlockMac
{
    public static byte[] Xcbc(byte[] key, byte[] message)
    {
        byte[] Derived(byte constant) => Encrypt(key, [.. Enumerable.Repeat(constant, 16)]);
        return Chain(Derived(1), Derived(2), Derived(3), message);
    }

    public static byte[] Cmac(byte[] key, byte[] message)
    {
        byte[] whole = Double(Encrypt(key, new byte[16]));
        return Chain(key, whole, Double(whole), message);
    }

    static byte[] Chain(byte[] key, byte[] wholeKey, byte[] paddedKey, byte[] message)
    {
        int blocks = Math.Max(1, (message.Length + 15) / 16);
        bool isWhole = message.Length == 16 * blocks;
        byte[] padded = isWhole ? message : [.. message, 0x80, .. new byte[16 * blocks - message.Length - 1]];
        byte[] state = new byte[16];
        for (int block = 0; block < blocks; block++)
        {
            byte[] last = block == blocks - 1 ? (isWhole ? wholeKey : paddedKey) : new byte[16];
            state = Encrypt(key, [.. Enumerable.Range(0, 16).Select(i => (byte)(state[i] ^ padded[16 * block + i] ^ last[i]))]);
        }
        return state;
    }

    static byte[] Double(byte[] block)
    {
        byte[] result = new byte[16];
        for (int i = 0; i < 16; i++)
            result[i] = (byte)(block[i] << 1 | (i < 15 ? block[i + 1] >> 7 : 0));
        if (block[0] >= 0x80)
            result[15] ^= 0x87;
        return result;
    }

    static byte[] Encrypt(byte[] key, byte[] block)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        return aes.EncryptEcb(block, PaddingMode.None);
    }
}
