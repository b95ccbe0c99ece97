using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>
/// Reads keys, certificates and revocation lists: PEM text in the topology file, or <c>{file: …}</c> with PEM or DER. No message shows a private key.
/// What it has read belongs to the model, or is cleared by <see cref="Discard"/> if there is none.
/// </summary>
sealed class CredentialReader(ISecretSource source, SecretReader secrets, ErrorList errors)
{
    readonly List<IDisposable> _read = [];

    public CredentialSettings Read(NodeReader reader)
    {
        Secret? password = reader.Find("privateKeyPassword") is SourcedNode node ? secrets.Read(node) : null;
        return new CredentialSettings
        {
            Local = reader.Text("localAuthentication") is string way ? WayOf(way) : null,
            Remote = Entries(reader, "remoteAuthentication") is { } ways ? [.. ways.Select(entry => WayOf(NodeReader.TextOf(entry)))] : null,
            Certificates = Entries(reader, "certificate") is { } chains
                ? [.. chains.Select(entry => new CertificateChain(Certificates(entry), entry)).Where(chain => !chain.Certificates.IsEmpty)]
                : null,
            PrivateKeys = Entries(reader, "privateKey") is { } keys ? [.. keys.Select(entry => PrivateKey(entry, password)).OfType<OwnKey>()] : null,
            Signatures = Methods(reader, "signatures"),
            Authorities = AllCertificates(reader, "certificateAuthorities"),
            Intermediates = AllCertificates(reader, "intermediateCertificates"),
            // The peer's own stands first in its file; trusting an authority behind it would let in whomever it certifies.
            RemoteCertificates = Entries(reader, "remoteCertificates") is { } own ? [.. own.SelectMany(entry => Certificates(entry).Take(1))] : null,
            RemotePublicKeys = Entries(reader, "remotePublicKeys") is { } publicKeys ? [.. publicKeys.Select(PublicKey).OfType<PublicKey>()] : null,
            RemoteSignatures = Methods(reader, "remoteSignatures"),
            RevocationLists = Entries(reader, "revocationLists") is { } lists ? [.. lists.SelectMany(RevocationLists)] : null,
            Revocation = reader.Text("revocation") switch
            {
                "relaxed" => RevocationPolicy.Relaxed,
                "ifuri" => RevocationPolicy.IfUri,
                "strict" => RevocationPolicy.Strict,
                "off" => RevocationPolicy.Off,
                _ => null,
            },
        };
    }

    /// <summary>After an error: nothing of it is used.</summary>
    public void Discard()
    {
        foreach (IDisposable value in _read)
            value.Dispose();
    }

    static AuthenticationWay WayOf(string text) => text switch
    {
        "certificate" => AuthenticationWay.Certificate,
        "publicKey" => AuthenticationWay.PublicKey,
        _ => AuthenticationWay.PresharedKey,
    };

    /// <summary>One value or a list of them; null where the key is not there.</summary>
    IEnumerable<SourcedNode>? Entries(NodeReader reader, string key)
    {
        if (reader.Find(key) is not SourcedNode node)
            return null;
        if (node.Node is not SequenceNode list)
            return [node];
        if (list.Items.IsEmpty)
            errors.Add(node, "must have at least one entry");
        return reader.Items(key);
    }

    static ImmutableArray<SignatureMethod>? Methods(NodeReader reader, string key) => reader.Find(key) is null
        ? null
        : [.. reader.Items(key).Select(entry => SignatureMethod.TryParse(NodeReader.TextOf(entry), out SignatureMethod? method) ? method : null)
            .OfType<SignatureMethod>()];

    ImmutableArray<Certificate>? AllCertificates(NodeReader reader, string key) =>
        Entries(reader, key) is { } entries ? [.. entries.SelectMany(entry => Certificates(entry))] : null;

    ImmutableArray<Certificate> Certificates(SourcedNode node)
    {
        if (Octets(node) is not byte[] octets)
            return [];
        if (Certificate.TryReadAll(octets, out ImmutableArray<Certificate> certificates, out string? error))
            _read.AddRange(certificates);
        else
            Refuse(node, error);
        return certificates;
    }

    IEnumerable<RevocationList> RevocationLists(SourcedNode node)
    {
        if (Octets(node) is not byte[] octets)
            return [];
        if (RevocationList.TryReadAll(octets, out ImmutableArray<RevocationList> lists, out string? error))
            _read.AddRange(lists);
        else
            Refuse(node, error);
        return lists;
    }

    PublicKey? PublicKey(SourcedNode node)
    {
        if (Octets(node) is not byte[] octets)
            return null;
        if (Crypto.Signatures.PublicKey.TryRead(octets, out PublicKey? key))
            _read.Add(key);
        else
            Refuse(node, "is no public key in PEM or DER (SubjectPublicKeyInfo)");
        return key;
    }

    OwnKey? PrivateKey(SourcedNode node, Secret? password)
    {
        if (Octets(node) is not byte[] octets)
            return null;
        bool isRead = SigningKey.TryRead(octets, password is null ? [] : password.Span, out SigningKey? key, out string? error);
        Array.Clear(octets);
        if (!isRead)
        {
            Refuse(node, error!.Replace("its password", "privateKeyPassword", StringComparison.Ordinal));
            return null;
        }
        _read.Add(key!);
        return new OwnKey(key!, node);
    }

    /// <param name="problem">The rest of a sentence.</param>
    void Refuse(SourcedNode node, string problem) =>
        errors.Add(node, node.Node is MappingNode mapping && mapping["file"] is ScalarNode file ? $"names the file {file.Text}, which {problem}" : problem);

    byte[]? Octets(SourcedNode node)
    {
        switch (node.Node)
        {
            case ScalarNode text:
                // A path without {file: …} is the likeliest mistake.
                if (text.Text.Contains("-----BEGIN ", StringComparison.Ordinal))
                    return Encoding.UTF8.GetBytes(text.Text);
                errors.Add(node, "is text without \"-----BEGIN\"; accepted: PEM text, or {file: PATH} for a file");
                return null;
            case MappingNode mapping when mapping["env"] is ScalarNode name:
                string? value = source.ReadEnvironment(name.Text) ?? (mapping["default"] as ScalarNode)?.Text;
                if (value is null)
                    errors.Add(node, $"names the environment variable {name.Text}, which is not set, and has no default");
                return value is null ? null : Encoding.UTF8.GetBytes(value);
            case MappingNode mapping when mapping["file"] is ScalarNode file:
                if (source.TryReadFile(file.Text, out byte[]? content, out string? reason))
                    return content;
                errors.Add(node, $"names the file {file.Text}, which cannot be read: {reason}");
                return null;
            default:
                return null;
        }
    }
}
