using Microsoft.Win32.SafeHandles;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>EVP_MD_CTX of one signature or verification.</summary>
sealed class DigestContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    internal static DigestContextHandle Create()
    {
        DigestContextHandle context = new();
        context.SetHandle(LibraryContext.CheckPointer(SignatureFunctions.EVP_MD_CTX_new(), nameof(SignatureFunctions.EVP_MD_CTX_new)));
        return context;
    }

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        SignatureFunctions.EVP_MD_CTX_free(handle);
        return true;
    }
}
