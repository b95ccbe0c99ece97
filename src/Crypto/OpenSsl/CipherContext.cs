using System.Security.Cryptography;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// A keyed cipher for one direction whose initialization vector is set anew for each packet. Not thread-safe; allocates nothing after construction.
/// </summary>
sealed unsafe class CipherContext : IDisposable
{
    const int SetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG
    const int GetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    const int SetIvLength = 0x9; // EVP_CTRL_AEAD_SET_IVLEN
    const int Unchanged = -1;

    readonly CipherContextHandle _handle = CipherContextHandle.Create();
    nint _context;

    /// <param name="cipherName">OpenSSL's name, with the mode.</param>
    /// <param name="encrypts">The direction, fixed for the life of the context.</param>
    /// <param name="nonceLength">For CCM, which must know both lengths before the key (SP 800-38C appendix A.2); 0 for the others.</param>
    internal CipherContext(string cipherName, ReadOnlySpan<byte> key, bool encrypts, int nonceLength = 0, int tagLength = 0)
    {
        _context = _handle.DangerousGetHandle();
        nint cipher = LibraryContext.Cipher(cipherName);
        int direction = encrypts ? 1 : 0;
        if (nonceLength > 0)
        {
            LibraryContext.Check(LibCrypto.EVP_CipherInit_ex2(_context, cipher, null, null, direction, 0), nameof(LibCrypto.EVP_CipherInit_ex2));
            LibraryContext.Check(LibCrypto.EVP_CIPHER_CTX_ctrl(_context, SetIvLength, nonceLength, null), nameof(LibCrypto.EVP_CIPHER_CTX_ctrl));
            LibraryContext.Check(LibCrypto.EVP_CIPHER_CTX_ctrl(_context, SetTag, tagLength, null), nameof(LibCrypto.EVP_CIPHER_CTX_ctrl));
            cipher = 0;
        }
        fixed (byte* keyOctets = key)
        {
            LibraryContext.Check(LibCrypto.EVP_CipherInit_ex2(_context, cipher, keyOctets, null, direction, 0), nameof(LibCrypto.EVP_CipherInit_ex2));
        }
        // ESP and IKE pad by themselves.
        LibraryContext.Check(LibCrypto.EVP_CIPHER_CTX_set_padding(_context, 0), nameof(LibCrypto.EVP_CIPHER_CTX_set_padding));
    }

    /// <summary>Begins a packet with this nonce or initialization vector.</summary>
    internal void Begin(ReadOnlySpan<byte> iv)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        fixed (byte* octets = iv)
        {
            if (LibCrypto.EVP_CipherInit_ex2_Short(_context, 0, null, octets, Unchanged, 0) <= 0)
                ThrowFailed();
        }
    }

    /// <summary>A few octets of associated data.</summary>
    internal void Associate(ReadOnlySpan<byte> data)
    {
        int written;
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_CipherUpdate_Short(_context, null, &written, octets, data.Length) <= 0)
                ThrowFailed();
        }
    }

    /// <summary>A whole payload as associated data.</summary>
    internal void AssociateLong(ReadOnlySpan<byte> data)
    {
        int written;
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_CipherUpdate(_context, null, &written, octets, data.Length) <= 0)
                ThrowFailed();
        }
        GC.KeepAlive(this);
    }

    /// <summary>CCM authenticates how long the payload is before anything else.</summary>
    internal void DeclareLength(int length)
    {
        int written;
        if (LibCrypto.EVP_CipherUpdate_Short(_context, null, &written, null, length) <= 0)
            ThrowFailed();
    }

    /// <summary>Encrypts or decrypts the whole payload of CCM in place; false where the tag does not match.</summary>
    internal bool TryTransformWhole(Span<byte> data)
    {
        int written;
        byte nothing = 0;
        int result;
        fixed (byte* octets = data)
        {
            byte* start = data.IsEmpty ? &nothing : octets;
            result = LibCrypto.EVP_CipherUpdate(_context, start, &written, start, data.Length);
        }
        GC.KeepAlive(this);
        return result > 0;
    }

    /// <summary>Encrypts or decrypts in place.</summary>
    internal void Transform(Span<byte> data)
    {
        int written;
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_CipherUpdate(_context, octets, &written, octets, data.Length) <= 0)
                ThrowFailed();
        }
        GC.KeepAlive(this);
    }

    /// <summary>A few whole blocks from one place to another.</summary>
    internal void TransformShort(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, source.Length);
        int written;
        fixed (byte* input = source, output = destination)
        {
            if (LibCrypto.EVP_CipherUpdate_Short(_context, output, &written, input, source.Length) <= 0)
                ThrowFailed();
        }
        GC.KeepAlive(this);
    }

    /// <summary>Ends a packet of an authenticated mode that encrypts.</summary>
    internal void FinishWithTag(Span<byte> tag)
    {
        int written;
        byte nothing;
        fixed (byte* octets = tag)
        {
            if (LibCrypto.EVP_CipherFinal_ex(_context, &nothing, &written) <= 0
                || LibCrypto.EVP_CIPHER_CTX_ctrl(_context, GetTag, tag.Length, octets) <= 0)
                ThrowFailed();
        }
        GC.KeepAlive(this);
    }

    /// <summary>The tag that <see cref="TagMatches"/> will compare; comes after <see cref="Begin"/>.</summary>
    internal void ExpectTag(ReadOnlySpan<byte> tag)
    {
        fixed (byte* octets = tag)
        {
            if (LibCrypto.EVP_CIPHER_CTX_ctrl(_context, SetTag, tag.Length, octets) <= 0)
                ThrowFailed();
        }
    }

    /// <summary>Ends a packet of an authenticated mode that decrypts; libcrypto compares in constant time.</summary>
    internal bool TagMatches()
    {
        int written;
        byte nothing;
        int result = LibCrypto.EVP_CipherFinal_ex(_context, &nothing, &written);
        GC.KeepAlive(this);
        return result > 0;
    }

    public void Dispose()
    {
        _context = 0;
        _handle.Dispose();
    }

    static void ThrowFailed() => throw new CryptographicException("libcrypto: a cipher failed");
}
