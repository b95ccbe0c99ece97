using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Crypto.Certificates;

/// <summary>Reads files of certificates.</summary>
static class CertificateText
{
    static readonly string[] Labels = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

    internal static bool TryReadAll(ReadOnlySpan<byte> pemOrDer, out ImmutableArray<Certificate> certificates, [NotNullWhen(false)] out string? error)
    {
        certificates = [];
        List<(string Label, byte[] Octets)> blocks = PemText.Blocks(pemOrDer);
        List<byte[]> encodings = blocks.Count == 0
            ? [pemOrDer.ToArray()]
            : [.. blocks.Where(block => Labels.Contains(block.Label)).Select(block => block.Octets)];
        if (encodings.Count == 0)
        {
            error = $"holds {blocks[0].Label} where a certificate is expected";
            return false;
        }
        ImmutableArray<Certificate>.Builder read = ImmutableArray.CreateBuilder<Certificate>();
        foreach (byte[] encoding in encodings)
        {
            if (!Certificate.TryParse(encoding, out Certificate? certificate))
            {
                foreach (Certificate earlier in read)
                    earlier.Dispose();
                error = blocks.Count == 0
                    ? "is no certificate in PEM or DER"
                    : $"holds a certificate, number {read.Count + 1}, that is malformed or has a key of a kind that is not known here";
                return false;
            }
            read.Add(certificate);
        }
        certificates = read.ToImmutable();
        error = null;
        return true;
    }
}
