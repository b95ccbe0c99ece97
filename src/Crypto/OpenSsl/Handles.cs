using Microsoft.Win32.SafeHandles;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>EVP_CIPHER_CTX; freeing it clears the expanded key.</summary>
sealed class CipherContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static CipherContextHandle Create()
    {
        CipherContextHandle handle = new();
        handle.SetHandle(LibraryContext.CheckPointer(LibCrypto.EVP_CIPHER_CTX_new(), nameof(LibCrypto.EVP_CIPHER_CTX_new)));
        return handle;
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle);
        return true;
    }
}

/// <summary>EVP_MAC_CTX; freeing it clears the key.</summary>
sealed class MacContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static MacContextHandle Create(nint mac)
    {
        MacContextHandle handle = new();
        handle.SetHandle(LibraryContext.CheckPointer(LibCrypto.EVP_MAC_CTX_new(mac), nameof(LibCrypto.EVP_MAC_CTX_new)));
        return handle;
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_MAC_CTX_free(handle);
        return true;
    }
}

/// <summary>BIGNUM, cleared when it is freed.</summary>
sealed class BigNumberHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    const int ConstantTimeFlag = 4;

    internal static BigNumberHandle Create()
    {
        BigNumberHandle number = new();
        number.SetHandle(LibraryContext.CheckPointer(LibCrypto.BN_new(), nameof(LibCrypto.BN_new)));
        return number;
    }

    internal static unsafe BigNumberHandle FromOctets(ReadOnlySpan<byte> bigEndian)
    {
        BigNumberHandle number = Create();
        fixed (byte* octets = bigEndian)
            LibraryContext.CheckPointer(LibCrypto.BN_bin2bn(octets, bigEndian.Length, number.handle), nameof(LibCrypto.BN_bin2bn));
        return number;
    }

    /// <summary>A number whose arithmetic must not show in the time it takes (BN_FLG_CONSTTIME).</summary>
    internal static BigNumberHandle SecretFromOctets(ReadOnlySpan<byte> bigEndian)
    {
        BigNumberHandle number = FromOctets(bigEndian);
        LibCrypto.BN_set_flags(number.handle, ConstantTimeFlag);
        return number;
    }

    internal nint Pointer => handle;

    /// <summary>The number itself, which from now on lives as long as the process.</summary>
    internal nint Keep()
    {
        SetHandleAsInvalid();
        return handle;
    }

    /// <summary>Writes the number big-endian, padded with zeros on the left.</summary>
    internal void CopyTo(Span<byte> destination) => Copy(handle, destination);

    internal static unsafe void Copy(nint number, Span<byte> destination)
    {
        fixed (byte* octets = destination)
            LibraryContext.Check(LibCrypto.BN_bn2binpad(number, octets, destination.Length), nameof(LibCrypto.BN_bn2binpad));
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.BN_clear_free(handle);
        return true;
    }
}

/// <summary>BN_CTX, the scratch space of one computation; its numbers are cleared when it is freed.</summary>
sealed class NumberScratchHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static NumberScratchHandle Create()
    {
        NumberScratchHandle scratch = new();
        scratch.SetHandle(LibraryContext.CheckPointer(LibCrypto.BN_CTX_new_ex(LibraryContext.Handle), nameof(LibCrypto.BN_CTX_new_ex)));
        return scratch;
    }

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibCrypto.BN_CTX_free(handle);
        return true;
    }
}

/// <summary>EC_POINT, cleared when it is freed.</summary>
sealed class CurvePointHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static CurvePointHandle Create(nint group)
    {
        CurvePointHandle point = new();
        point.SetHandle(LibraryContext.CheckPointer(LibCrypto.EC_POINT_new(group), nameof(LibCrypto.EC_POINT_new)));
        return point;
    }

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibCrypto.EC_POINT_clear_free(handle);
        return true;
    }
}

/// <summary>EVP_PKEY.</summary>
sealed class KeyHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    internal KeyHandle(nint key)
        : base(ownsHandle: true) => SetHandle(key);

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}

/// <summary>EVP_PKEY_CTX, for one operation.</summary>
sealed class KeyContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    KeyContextHandle(nint context)
        : base(ownsHandle: true) => SetHandle(context);

    internal static KeyContextHandle For(KeyHandle key) => new(LibraryContext.CheckPointer(
        LibCrypto.EVP_PKEY_CTX_new_from_pkey(LibraryContext.Handle, key.Pointer, null), nameof(LibCrypto.EVP_PKEY_CTX_new_from_pkey)));

    internal static KeyContextHandle Named(string algorithm) => new(LibraryContext.CheckPointer(
        LibCrypto.EVP_PKEY_CTX_new_from_name(LibraryContext.Handle, algorithm, null), nameof(LibCrypto.EVP_PKEY_CTX_new_from_name)));

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_CTX_free(handle);
        return true;
    }
}
