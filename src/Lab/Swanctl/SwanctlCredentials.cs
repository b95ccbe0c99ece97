using Ipsec.Crypto;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;

namespace Ipsec.Lab.Swanctl;

/// <summary>The authentication of connections, and the files that swanctl.conf then names, each once. Not thread-safe.</summary>
sealed class SwanctlCredentials
{
    readonly List<SwanctlCredentialFile> _files = [];

    /// <summary>With the folders that swanctl knows.</summary>
    public IReadOnlyList<SwanctlCredentialFile> Files => _files;

    public void WriteLocal(SettingsText text, ConnectionConfiguration connection)
    {
        text.Open("local");
        if (connection.LocalAuthentication is LocalAuthentication.SignatureAuthentication signature)
        {
            text.Set("auth", "pubkey");
            // The one of certificate and raw key that all of them have.
            if (signature.Signers[0].Certificate is not null)
                text.Set("certs", string.Join(", ", signature.Signers.Select(signer => Add("x509", signer.Certificate!.Encoding))));
            else
                text.Set("pubkeys", string.Join(", ", signature.Signers.Select(signer => Add("pubkey", signer.Key.PublicKey.Encoding))));
            foreach (LocalSigner signer in signature.Signers)
            {
                foreach (Certificate intermediate in signer.Chain.IsDefaultOrEmpty ? [] : signer.Chain.Skip(1))
                    Add("x509ca", intermediate.Encoding);
                AddPrivateKey(signer.Key);
            }
        }
        else
            text.Set("auth", "psk");
        if (connection.LocalIdentity is not null)
            text.Set("id", connection.LocalIdentity.ToString());
        text.Close();
    }

    /// <param name="identity">What the peer must call itself; null takes anything.</param>
    public void WriteRemote(SettingsText text, ConnectionConfiguration connection, string? identity)
    {
        RemoteAuthentication remote = connection.RemoteAuthentication;
        text.Open("remote");
        text.Set("auth", remote.AllowsPresharedKey ? "psk" : "pubkey");
        if (identity is not null)
            text.Set("id", identity);
        if (remote.Trust is CertificatePathValidator trust)
            WriteTrust(text, trust, remote.Revocation);
        if (!remote.TrustedKeys.IsEmpty)
            text.Set("pubkeys", string.Join(", ", remote.TrustedKeys.Select(key => Add("pubkey", key.Encoding))));
        text.Close();
    }

    void WriteTrust(SettingsText text, CertificatePathValidator trust, RevocationPolicy revocation)
    {
        string[] authorities = [.. trust.Anchors.Where(anchor => anchor.IsAuthority).Select(anchor => Add("x509ca", anchor.Encoding))];
        string[] pinned = [.. trust.Anchors.Where(anchor => !anchor.IsAuthority).Select(anchor => Add("x509", anchor.Encoding))];
        if (authorities.Length > 0)
            text.Set("cacerts", string.Join(", ", authorities));
        if (pinned.Length > 0)
            text.Set("certs", string.Join(", ", pinned));
        foreach (Certificate intermediate in trust.Intermediates)
            Add("x509ca", intermediate.Encoding);
        foreach (RevocationList list in revocation == RevocationPolicy.Off ? [] : trust.RevocationLists)
            Add("x509crl", list.Encoding);
        // Without a policy strongSwan takes what it cannot check.
        if (revocation is RevocationPolicy.Strict or RevocationPolicy.IfUri)
            text.Set("revocation", revocation.ToString().ToLowerInvariant());
    }

    /// <summary>The name within its folder.</summary>
    string Add(string folder, ReadOnlySpan<byte> octets)
    {
        foreach (SwanctlCredentialFile file in _files)
        {
            if (file.Folder == folder && file.Content.Span.SequenceEqual(octets))
                return file.Name;
        }
        _files.Add(new SwanctlCredentialFile(folder, $"{_files.Count + 1}.der", new Secret(octets)));
        return _files[^1].Name;
    }

    void AddPrivateKey(SigningKey key)
    {
        using Secret octets = key.ToPkcs8();
        Add("private", octets.Span);
    }
}

/// <summary>A file beside a swanctl.conf, in DER. The owner disposes its content: those of the folder "private" are private keys in clear.</summary>
/// <param name="Folder">One that swanctl knows: x509, x509ca, x509crl, pubkey or private.</param>
public sealed record SwanctlCredentialFile(string Folder, string Name, Secret Content);
