using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Crypto.Certificates;

/// <summary>A certificate revocation list (RFC 5280 §5) from the configuration; one is never fetched. Equal lists have the same octets.</summary>
public sealed class RevocationList : IEquatable<RevocationList>, IDisposable
{
    readonly byte[] _encoding;
    readonly ReadOnlyMemory<byte> _revoked;

    RevocationList(byte[] encoding, DistinguishedName issuer, DateTimeOffset thisUpdate, DateTimeOffset? nextUpdate, ReadOnlyMemory<byte> revoked,
        RevocationListHandle handle)
    {
        _encoding = encoding;
        _revoked = revoked;
        Issuer = issuer;
        ThisUpdate = thisUpdate;
        NextUpdate = nextUpdate;
        Handle = handle;
    }

    public DistinguishedName Issuer { get; }

    public DateTimeOffset ThisUpdate { get; }

    /// <summary>Null if the list does not say until when it is good.</summary>
    public DateTimeOffset? NextUpdate { get; }

    public ReadOnlySpan<byte> Encoding => _encoding;

    internal RevocationListHandle Handle { get; }

    /// <summary>Takes a file: PEM "X509 CRL", one or more, or one in DER.</summary>
    /// <param name="error">Why not, as the rest of a sentence that begins with the file's name.</param>
    public static bool TryReadAll(ReadOnlySpan<byte> pemOrDer, out ImmutableArray<RevocationList> lists, [NotNullWhen(false)] out string? error)
    {
        lists = [];
        List<(string Label, byte[] Octets)> blocks = PemText.Blocks(pemOrDer);
        List<byte[]> encodings = blocks.Count == 0 ? [pemOrDer.ToArray()] : [.. blocks.Where(block => block.Label == "X509 CRL").Select(block => block.Octets)];
        ImmutableArray<RevocationList>.Builder read = ImmutableArray.CreateBuilder<RevocationList>();
        foreach (byte[] encoding in encodings)
        {
            if (TryParse(encoding, out RevocationList? list))
                read.Add(list);
        }
        if (encodings.Count > 0 && read.Count == encodings.Count)
        {
            lists = read.ToImmutable();
            error = null;
            return true;
        }
        foreach (RevocationList list in read)
            list.Dispose();
        error = encodings.Count == 0 ? $"holds {blocks[0].Label} where a revocation list is expected" : "is no certificate revocation list in PEM or DER";
        return false;
    }

    /// <summary>Takes one list in DER.</summary>
    public static bool TryParse(ReadOnlySpan<byte> der, [NotNullWhen(true)] out RevocationList? list)
    {
        list = null;
        byte[] encoding = der.ToArray();
        try
        {
            AsnReader outer = new(encoding, AsnEncodingRules.DER);
            AsnReader fields = outer.ReadSequence().ReadSequence();
            outer.ThrowIfNotEmpty();
            if (fields.PeekTag() == Asn1Tag.Integer)
                fields.ReadInteger();
            fields.ReadSequence();
            if (!DistinguishedName.TryParse(fields.ReadEncodedValue().Span, out DistinguishedName? issuer))
                return false;
            DateTimeOffset thisUpdate = CertificateFields.ReadTime(fields);
            DateTimeOffset? nextUpdate = fields.HasData && fields.PeekTag() is
            {
                TagClass: TagClass.Universal,
                TagValue: (int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime
            }
                ? CertificateFields.ReadTime(fields)
                : null;
            ReadOnlyMemory<byte> revoked = fields.HasData && fields.PeekTag() == Asn1Tag.Sequence ? fields.PeekContentBytes() : default;
            if (RevocationListHandle.Parse(encoding) is not RevocationListHandle handle)
                return false;
            list = new RevocationList(encoding, issuer, thisUpdate, nextUpdate, revoked, handle);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    public bool Equals(RevocationList? other) => other is not null && _encoding.AsSpan().SequenceEqual(other._encoding);

    public override bool Equals(object? obj) => Equals(obj as RevocationList);

    public override int GetHashCode() => _encoding.Length << 16 ^ _encoding[^1] << 8 ^ _encoding[^2];

    public override string ToString() => $"{Issuer} of {ThisUpdate:yyyy-MM-dd HH:mm} UTC";

    public void Dispose() => Handle.Dispose();

    /// <summary>When a certificate of this issuer was revoked; null if the list does not hold it.</summary>
    internal DateTimeOffset? RevokedAt(ReadOnlySpan<byte> serialNumber)
    {
        try
        {
            AsnReader entries = new(_revoked, AsnEncodingRules.DER);
            while (entries.HasData)
            {
                AsnReader entry = entries.ReadSequence();
                if (entry.ReadIntegerBytes().Span.SequenceEqual(serialNumber))
                    return CertificateFields.ReadTime(entry);
            }
        }
        catch (AsnContentException)
        {
            // What libcrypto read and we did not has no date for people.
        }
        return null;
    }
}
