using System.Formats.Asn1;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Signatures;

/// <summary>Reads the forms in which private keys are kept.</summary>
static unsafe class PrivateKeyText
{
    const string Encrypted = "ENCRYPTED PRIVATE KEY";

    static readonly string[] Labels = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", Encrypted];

    internal static KeyHandle? Import(ReadOnlySpan<byte> pemOrDer, ReadOnlySpan<byte> password, out string error)
    {
        List<(string Label, byte[] Octets)> blocks = PemText.Blocks(pemOrDer);
        try
        {
            (string label, byte[]? octets) = blocks.FirstOrDefault(block => Labels.Contains(block.Label));
            if (octets is null && blocks.Count > 0)
            {
                error = $"holds {blocks[0].Label} where a private key is expected";
                return null;
            }
            ReadOnlySpan<byte> der = octets ?? pemOrDer;
            if (label == Encrypted || octets is null && IsEncrypted(der))
                return Decrypt(der, password, out error);

            error = "is no private key in PKCS#8, PKCS#1 or SEC 1 form";
            fixed (byte* input = der)
            {
                byte* next = input;
                return Owned(SignatureFunctions.d2i_AutoPrivateKey_ex(null, &next, der.Length, LibraryContext.Handle, null));
            }
        }
        finally
        {
            foreach ((_, byte[] octets) in blocks)
                CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <summary>EncryptedPrivateKeyInfo begins with the SEQUENCE of an algorithm, every other form with a version (RFC 5958 §3).</summary>
    static bool IsEncrypted(ReadOnlySpan<byte> der)
    {
        try
        {
            AsnDecoder.ReadSequence(der, AsnEncodingRules.BER, out int offset, out int length, out _);
            return length > 0 && der[offset] == 0x30;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    static KeyHandle? Decrypt(ReadOnlySpan<byte> der, ReadOnlySpan<byte> password, out string error)
    {
        if (password.IsEmpty)
        {
            error = "is encrypted and needs its password";
            return null;
        }
        error = "cannot be decrypted with the password that is given for it";
        fixed (byte* input = der, secret = password)
        {
            byte* next = input;
            nint encrypted = SignatureFunctions.d2i_X509_SIG(null, &next, der.Length);
            nint information = encrypted == 0
                ? 0
                : SignatureFunctions.PKCS8_decrypt_ex(encrypted, secret, password.Length, LibraryContext.Handle, null);
            nint key = information == 0 ? 0 : SignatureFunctions.EVP_PKCS82PKEY_ex(information, LibraryContext.Handle, null);
            if (information != 0)
                SignatureFunctions.PKCS8_PRIV_KEY_INFO_free(information);
            if (encrypted != 0)
                SignatureFunctions.X509_SIG_free(encrypted);
            return Owned(key);
        }
    }

    static KeyHandle? Owned(nint key)
    {
        LibCrypto.ERR_clear_error();
        return key == 0 ? null : new KeyHandle(key);
    }
}
