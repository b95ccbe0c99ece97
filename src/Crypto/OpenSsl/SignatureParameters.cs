using Ipsec.Crypto.Signatures;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>The OSSL_PARAM array that tells libcrypto the padding of an RSA signature; empty for the other schemes.</summary>
static unsafe class SignatureParameters
{
    internal delegate int Use(LibCrypto.Parameter* parameters);

    internal static int With(SignatureMethod method, Use use)
    {
        int saltLength = method.SaltLength;
        LibCrypto.Parameter* parameters = stackalloc LibCrypto.Parameter[4];
        new Span<LibCrypto.Parameter>(parameters, 4).Clear();
        fixed (byte* padding = "pad-mode"u8, salt = "saltlen"u8, mask = "mgf1-digest"u8, pss = "pss"u8, pkcs1 = "pkcs1"u8, maskHash = MaskName(method))
        {
            if (method.Scheme == SignatureScheme.RsaPkcs1)
            {
                parameters[0] = Text(padding, pkcs1, 5);
            }
            else if (method.Scheme == SignatureScheme.RsaPss)
            {
                parameters[0] = Text(padding, pss, 3);
                parameters[1] = Text(mask, maskHash, MaskName(method).Length);
                parameters[2] = new LibCrypto.Parameter
                {
                    Key = salt,
                    Type = LibCrypto.Parameter.Integer,
                    Data = (byte*)&saltLength,
                    DataSize = sizeof(int),
                };
            }
            return use(parameters);
        }
    }

    static LibCrypto.Parameter Text(byte* key, byte* value, int length) =>
        new() { Key = key, Type = LibCrypto.Parameter.Utf8String, Data = value, DataSize = (nuint)length };

    static ReadOnlySpan<byte> MaskName(SignatureMethod method) => method.MaskHash switch
    {
        SignatureHash.Sha256 => "SHA256"u8,
        SignatureHash.Sha384 => "SHA384"u8,
        SignatureHash.Sha512 => "SHA512"u8,
        _ => "SHA1"u8,
    };
}
