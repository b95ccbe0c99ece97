using System.Security.Cryptography;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>A keyed HMAC (RFC 2104) that computes one code after the other. Not thread-safe; allocates nothing after construction.</summary>
sealed unsafe class HmacContext : IDisposable
{
    // 3.0.0 to 3.0.2 answer "the key you have" with success and do nothing (OpenSSL issue 17811): they get the key again each time.
    static readonly bool ResetsByItself = LibCrypto.OpenSSL_version_num() >= 0x30000030;

    readonly MacContextHandle _handle = MacContextHandle.Create();
    readonly Secret? _key;
    nint _context;

    internal HmacContext(ReadOnlySpan<byte> digestName, int outputLength, ReadOnlySpan<byte> key)
    {
        _context = _handle.DangerousGetHandle();
        OutputLength = outputLength;
        _key = ResetsByItself ? null : new Secret(key);
        SetKey(key, digestName);
    }

    /// <summary>Octets of the whole code, before any truncation.</summary>
    internal int OutputLength { get; }

    /// <summary>Starts over with the same key.</summary>
    internal void Reset()
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        if (_key is not null)
            SetKey(_key.Span, digestName: default);
        else if (LibCrypto.EVP_MAC_init_Short(_context, null, 0, null) <= 0)
            ThrowFailed();
    }

    /// <summary>Adds a few octets: a header, an IV, a counter.</summary>
    internal void AppendShort(ReadOnlySpan<byte> data)
    {
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_MAC_update_Short(_context, octets, (nuint)data.Length) <= 0)
                ThrowFailed();
        }
    }

    internal void Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_MAC_update(_context, octets, (nuint)data.Length) <= 0)
                ThrowFailed();
        }
    }

    /// <summary>Writes the code, <see cref="OutputLength"/> octets.</summary>
    internal void Finish(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, OutputLength);
        nuint length;
        fixed (byte* octets = destination)
        {
            if (LibCrypto.EVP_MAC_final(_context, octets, &length, (nuint)destination.Length) <= 0)
                ThrowFailed();
        }
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        _context = 0;
        _key?.Dispose();
        _handle.Dispose();
    }

    /// <param name="digestName">Empty to keep the digest.</param>
    void SetKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> digestName)
    {
        byte none = 0;
        fixed (byte* name = digestName, parameterKey = "digest\0"u8, keyOctets = key)
        {
            LibCrypto.Parameter* parameters = stackalloc LibCrypto.Parameter[2];
            parameters[0] = new LibCrypto.Parameter
            {
                Key = parameterKey,
                Type = LibCrypto.Parameter.Utf8String,
                Data = name,
                DataSize = (nuint)digestName.Length,
            };
            parameters[1] = default;
            // A null key means "the one you have": an empty key needs a pointer too.
            LibraryContext.Check(
                LibCrypto.EVP_MAC_init(_context, key.IsEmpty ? &none : keyOctets, (nuint)key.Length, digestName.IsEmpty ? null : parameters),
                nameof(LibCrypto.EVP_MAC_init));
        }
    }

    static void ThrowFailed() => throw new CryptographicException("libcrypto: HMAC failed");
}
