using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Hmacs;

/// <summary>A hash whose state is plain memory.</summary>
unsafe interface IDigest
{
    /// <summary>This machine's libcrypto has it below EVP.</summary>
    static abstract bool IsAvailable { get; }

    /// <summary>Octets of a block.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Octets of the digest.</summary>
    static abstract int DigestLength { get; }

    /// <summary>Octets of the state: openssl/sha.h, whose structures are part of libcrypto's binary interface.</summary>
    static abstract int StateLength { get; }

    static abstract int Begin(byte* state);

    static abstract int Append(byte* state, byte* data, nuint length);

    static abstract int AppendShort(byte* state, byte* data, nuint length);

    static abstract int Finish(byte* state, byte* digest);
}

static unsafe class Digests
{
    /// <summary>Tries it on the empty message.</summary>
    public static bool Probe<TDigest>() where TDigest : IDigest
    {
        byte* state = stackalloc byte[TDigest.StateLength];
        byte* digest = stackalloc byte[TDigest.DigestLength];
        try
        {
            return TDigest.Begin(state) > 0 && TDigest.Append(state, digest, 0) > 0 && TDigest.AppendShort(state, digest, 0) > 0
                && TDigest.Finish(state, digest) > 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }
}

readonly unsafe struct Sha1Digest : IDigest
{
    public static bool IsAvailable { get; } = Digests.Probe<Sha1Digest>();
    public static int BlockLength => 64;
    public static int DigestLength => 20;
    public static int StateLength => 96;
    public static int Begin(byte* state) => DigestFunctions.SHA1_Init(state);
    public static int Append(byte* state, byte* data, nuint length) => DigestFunctions.SHA1_Update(state, data, length);
    public static int AppendShort(byte* state, byte* data, nuint length) => DigestFunctions.SHA1_Update_Short(state, data, length);
    public static int Finish(byte* state, byte* digest) => DigestFunctions.SHA1_Final(digest, state);
}

readonly unsafe struct Sha256Digest : IDigest
{
    public static bool IsAvailable { get; } = Digests.Probe<Sha256Digest>();
    public static int BlockLength => 64;
    public static int DigestLength => 32;
    public static int StateLength => 112;
    public static int Begin(byte* state) => DigestFunctions.SHA256_Init(state);
    public static int Append(byte* state, byte* data, nuint length) => DigestFunctions.SHA256_Update(state, data, length);
    public static int AppendShort(byte* state, byte* data, nuint length) => DigestFunctions.SHA256_Update_Short(state, data, length);
    public static int Finish(byte* state, byte* digest) => DigestFunctions.SHA256_Final(digest, state);
}

readonly unsafe struct Sha384Digest : IDigest
{
    public static bool IsAvailable { get; } = Digests.Probe<Sha384Digest>();
    public static int BlockLength => 128;
    public static int DigestLength => 48;
    public static int StateLength => 216;
    public static int Begin(byte* state) => DigestFunctions.SHA384_Init(state);
    public static int Append(byte* state, byte* data, nuint length) => DigestFunctions.SHA512_Update(state, data, length);
    public static int AppendShort(byte* state, byte* data, nuint length) => DigestFunctions.SHA512_Update_Short(state, data, length);
    public static int Finish(byte* state, byte* digest) => DigestFunctions.SHA512_Final(digest, state);
}

readonly unsafe struct Sha512Digest : IDigest
{
    public static bool IsAvailable { get; } = Digests.Probe<Sha512Digest>();
    public static int BlockLength => 128;
    public static int DigestLength => 64;
    public static int StateLength => 216;
    public static int Begin(byte* state) => DigestFunctions.SHA512_Init(state);
    public static int Append(byte* state, byte* data, nuint length) => DigestFunctions.SHA512_Update(state, data, length);
    public static int AppendShort(byte* state, byte* data, nuint length) => DigestFunctions.SHA512_Update_Short(state, data, length);
    public static int Finish(byte* state, byte* digest) => DigestFunctions.SHA512_Final(digest, state);
}
