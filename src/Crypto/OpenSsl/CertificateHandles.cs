using Microsoft.Win32.SafeHandles;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>X509 in our own library context.</summary>
sealed unsafe class CertificateHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal nint Pointer => handle;

    /// <summary>Null if libcrypto does not take exactly these octets as one certificate.</summary>
    internal static CertificateHandle? Parse(ReadOnlySpan<byte> der)
    {
        nint certificate = LibraryContext.CheckPointer(CertificateFunctions.X509_new_ex(LibraryContext.Handle, null), nameof(CertificateFunctions.X509_new_ex));
        fixed (byte* octets = der)
        {
            byte* next = octets;
            // On failure d2i frees what it was given.
            bool parsed = CertificateFunctions.d2i_X509(&certificate, &next, der.Length) != 0;
            LibCrypto.ERR_clear_error();
            if (!parsed)
                return null;
            CertificateHandle handle = new();
            handle.SetHandle(certificate);
            if (next == octets + der.Length)
                return handle;
            handle.Dispose();
            return null;
        }
    }

    protected override bool ReleaseHandle()
    {
        CertificateFunctions.X509_free(handle);
        return true;
    }
}

/// <summary>X509_CRL in our own library context.</summary>
sealed unsafe class RevocationListHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>Null if libcrypto does not take exactly these octets as one list.</summary>
    internal static RevocationListHandle? Parse(ReadOnlySpan<byte> der)
    {
        nint list = LibraryContext.CheckPointer(CertificateFunctions.X509_CRL_new_ex(LibraryContext.Handle, null),
            nameof(CertificateFunctions.X509_CRL_new_ex));
        fixed (byte* octets = der)
        {
            byte* next = octets;
            bool parsed = CertificateFunctions.d2i_X509_CRL(&list, &next, der.Length) != 0;
            LibCrypto.ERR_clear_error();
            if (!parsed)
                return null;
            RevocationListHandle handle = new();
            handle.SetHandle(list);
            if (next == octets + der.Length)
                return handle;
            handle.Dispose();
            return null;
        }
    }

    protected override bool ReleaseHandle()
    {
        CertificateFunctions.X509_CRL_free(handle);
        return true;
    }
}

/// <summary>X509_STORE: trust anchors and revocation lists. It holds references to what is added.</summary>
sealed class StoreHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static StoreHandle Create()
    {
        StoreHandle store = new();
        store.SetHandle(LibraryContext.CheckPointer(CertificateFunctions.X509_STORE_new(), nameof(CertificateFunctions.X509_STORE_new)));
        return store;
    }

    protected override bool ReleaseHandle()
    {
        CertificateFunctions.X509_STORE_free(handle);
        return true;
    }
}

/// <summary>X509_STORE_CTX of one check.</summary>
sealed unsafe class StoreContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static StoreContextHandle Create()
    {
        StoreContextHandle context = new();
        context.SetHandle(LibraryContext.CheckPointer(CertificateFunctions.X509_STORE_CTX_new_ex(LibraryContext.Handle, null),
            nameof(CertificateFunctions.X509_STORE_CTX_new_ex)));
        return context;
    }

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        CertificateFunctions.X509_STORE_CTX_free(handle);
        return true;
    }
}
