using System.Security.Cryptography;
using Ipsec.Crypto;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>Ciphers that need an integrity algorithm beside them: RFC 3602, RFC 2451, RFC 2405, RFC 3686, RFC 2410.</summary>
static class ReferenceCipher
{
    public static byte[] Encrypt(EncryptionAlgorithm algorithm, byte[] key, byte[] iv, byte[] data)
    {
        if (algorithm == EncryptionAlgorithm.Null)
            return data;
        if (algorithm == EncryptionAlgorithm.AesCtr)
            return Count(key, iv, data);
        using SymmetricAlgorithm cipher = Chained(algorithm, key);
        return cipher.EncryptCbc(data, iv, PaddingMode.None);
    }

    public static byte[] Decrypt(EncryptionAlgorithm algorithm, byte[] key, byte[] iv, byte[] data)
    {
        if (algorithm is EncryptionAlgorithm.Null or EncryptionAlgorithm.AesCtr)
            return Encrypt(algorithm, key, iv, data);
        using SymmetricAlgorithm cipher = Chained(algorithm, key);
        return cipher.DecryptCbc(data, iv, PaddingMode.None);
    }

    /// <summary>RFC 3686 §4: nonce | IV | 1, 2, 3 ...</summary>
    static byte[] Count(byte[] keyMaterial, byte[] iv, byte[] data)
    {
        using Aes aes = Aes.Create();
        aes.Key = keyMaterial[..^4];
        byte[] result = [.. data];
        for (int offset = 0; offset < data.Length; offset += 16)
        {
            int number = offset / 16 + 1;
            byte[] counter = [.. keyMaterial[^4..], .. iv, 0, 0, (byte)(number >> 8), (byte)number];
            byte[] stream = aes.EncryptEcb(counter, PaddingMode.None);
            for (int i = 0; i < 16 && offset + i < data.Length; i++)
                result[offset + i] ^= stream[i];
        }
        return result;
    }

    static SymmetricAlgorithm Chained(EncryptionAlgorithm algorithm, byte[] key)
    {
        SymmetricAlgorithm cipher = algorithm switch
        {
            EncryptionAlgorithm.DesCbc => DES.Create(),
            EncryptionAlgorithm.TripleDesCbc => TripleDES.Create(),
            _ => Aes.Create(),
        };
        cipher.Key = key;
        return cipher;
    }
}
