using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Certificates;

/// <summary>One check of one certificate.</summary>
sealed unsafe class PathCheck(CertificatePathValidator validator, Certificate certificate, ImmutableArray<Certificate> untrusted,
    RevocationPolicy revocation, DateTimeOffset utc)
{
    // X509_V_FLAG_* of openssl/x509_vfy.h.
    const nuint CheckRevocation = 0x4;
    const nuint CheckRevocationOfAll = 0x8;
    const nuint TrustedFirst = 0x8000;
    const nuint AnchorNeedNotBeSelfSigned = 0x80000;

    // 112 bits: RSA from 2048, curves from 224, no signature over SHA-1 below the anchor (openssl's security level 2, NIST SP 800-131A).
    const int SecurityLevel = 2;

    // libcrypto's callback has no argument of ours; one check at a time runs on a thread.
    [ThreadStatic] static PathCheck? _running;

    CertificateVerdict? _failure;

    internal CertificateVerdict Run()
    {
        using StoreContextHandle context = StoreContextHandle.Create();
        nint stack = LibraryContext.CheckPointer(CertificateFunctions.OPENSSL_sk_new_null(), nameof(CertificateFunctions.OPENSSL_sk_new_null));
        List<CertificateHandle> borrowed = [];
        _running = this;
        try
        {
            foreach (Certificate candidate in untrusted)
            {
                // The stack holds bare pointers.
                bool kept = false;
                candidate.Handle.DangerousAddRef(ref kept);
                borrowed.Add(candidate.Handle);
                CertificateFunctions.OPENSSL_sk_push(stack, candidate.Handle.Pointer);
            }
            LibraryContext.Check(CertificateFunctions.X509_STORE_CTX_init(context.Pointer, validator.Store, certificate.Handle, stack),
                nameof(CertificateFunctions.X509_STORE_CTX_init));
            nint parameters = CertificateFunctions.X509_STORE_CTX_get0_param(context.Pointer);
            nuint flags = TrustedFirst | AnchorNeedNotBeSelfSigned | (revocation == RevocationPolicy.Off ? 0 : CheckRevocation | CheckRevocationOfAll);
            CertificateFunctions.X509_VERIFY_PARAM_set_flags(parameters, flags);
            CertificateFunctions.X509_VERIFY_PARAM_set_time(parameters, (nint)utc.ToUnixTimeSeconds());
            CertificateFunctions.X509_VERIFY_PARAM_set_depth(parameters, CertificatePathValidator.MostIntermediates);
            CertificateFunctions.X509_VERIFY_PARAM_set_auth_level(parameters, SecurityLevel);
            CertificateFunctions.X509_STORE_CTX_set_verify_cb(context.Pointer, &OnError);
            // Only 1 is success: 0 is a refusal, less than 0 an error of libcrypto (CVE-2013-2944's kind).
            bool verified = CertificateFunctions.X509_verify_cert(context.Pointer) == 1;
            if (verified && _failure is null)
                return Accept(PathOf(context.Pointer));
            return _failure ?? PathProblems.Describe(CertificateFunctions.X509_STORE_CTX_get_error(context.Pointer), certificate, null, this);
        }
        finally
        {
            _running = null;
            CertificateFunctions.OPENSSL_sk_free(stack);
            foreach (CertificateHandle handle in borrowed)
                handle.DangerousRelease();
            LibCrypto.ERR_clear_error();
        }
    }

    internal DateTimeOffset Utc => utc;

    internal Certificate Subject => certificate;

    /// <summary>Whose certificate the path lacks or has: for the words.</summary>
    internal Certificate? IssuedBy(Certificate issuer) =>
        untrusted.Prepend(certificate).FirstOrDefault(candidate => !candidate.Equals(issuer) && candidate.Issuer.Equals(issuer.Subject));

    /// <summary>The configured list that a certificate's status comes from: the newest of its issuer.</summary>
    internal RevocationList? ListFor(Certificate subject) =>
        validator.RevocationLists.Where(list => list.Issuer.Equals(subject.Issuer)).MaxBy(list => list.ThisUpdate);

    /// <summary>When some list of its issuer revoked it.</summary>
    internal DateTimeOffset? RevokedAt(Certificate subject) =>
        validator.RevocationLists.Where(list => list.Issuer.Equals(subject.Issuer))
            .Select(list => list.RevokedAt(subject.SerialNumberOctets)).FirstOrDefault(date => date is not null);

    [UnmanagedCallersOnly]
    static int OnError(int ok, nint context) => ok != 0 || _running!.MayPass(context) ? 1 : 0;

    bool MayPass(nint context)
    {
        int error = CertificateFunctions.X509_STORE_CTX_get_error(context);
        Certificate? subject = Find(CertificateFunctions.X509_STORE_CTX_get_current_cert(context));
        if (VerificationError.IsMissingRevocation(error) && subject is not null && MayLackRevocation(subject))
            return true;
        _failure ??= PathProblems.Describe(error, subject ?? certificate, subject is null ? null : IssuedBy(subject), this);
        return false;
    }

    bool MayLackRevocation(Certificate subject) =>
        // An anchor is trusted by being configured.
        validator.Anchors.Contains(subject) || revocation switch
        {
            RevocationPolicy.Strict => false,
            RevocationPolicy.IfUri => !subject.NamesRevocationSource,
            _ => true,
        };

    ImmutableArray<Certificate> PathOf(nint context)
    {
        nint chain = CertificateFunctions.X509_STORE_CTX_get0_chain(context);
        ImmutableArray<Certificate>.Builder path = ImmutableArray.CreateBuilder<Certificate>();
        for (int index = 0; index < CertificateFunctions.OPENSSL_sk_num(chain); index++)
        {
            if (Find(CertificateFunctions.OPENSSL_sk_value(chain, index)) is Certificate found)
                path.Add(found);
        }
        return path.ToImmutable();
    }

    Certificate? Find(nint pointer) =>
        pointer == certificate.Handle.Pointer
            ? certificate
            : untrusted.FirstOrDefault(candidate => candidate.Handle.Pointer == pointer)
                ?? validator.Anchors.FirstOrDefault(anchor => anchor.Handle.Pointer == pointer);

    /// <summary>What RFC 5280 and RFC 4945 ask for and libcrypto lets pass.</summary>
    CertificateVerdict Accept(ImmutableArray<Certificate> path)
    {
        // RFC 5280 §6.1.4 (k): libcrypto takes keyUsage alone for an authority.
        foreach (Certificate issuer in path.Skip(1).Where(issuer => !issuer.IsAuthority && !validator.Anchors.Contains(issuer)))
            return PathProblems.NotAnAuthority(issuer, certificate);
        if (IkeUsage.Refusal(certificate) is string refusal)
            return new CertificateVerdict(CertificateProblem.Usage, refusal, []);
        return new CertificateVerdict(CertificateProblem.None, $"{path[^1]}", path);
    }
}
