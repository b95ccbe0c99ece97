using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ipsec.Crypto.Registry;
using Ipsec.Net;

namespace Ipsec.Capture;

/// <summary>
/// Wireshark's key tables, one row a line, in the files of its configuration folder (<c>WIRESHARK_CONFIG_DIR</c>). Beside the preferences
/// <c>esp.enable_encryption_decode</c> and <c>esp.enable_authentication_check</c> they are all it needs to read IKEv2 and ESP.
/// </summary>
public static class KeyTables
{
    /// <summary>Name of the file with the keys of IKE SAs.</summary>
    public const string IkeFileName = "ikev2_decryption_table";

    /// <summary>Name of the file with the keys of ESP SAs.</summary>
    public const string EspFileName = "esp_sa";

    const int IkeColumns = 8;
    const int EspColumns = 8;
    const string AnyAddress = "*";
    const string Comment = "# Wireshark has no word for this: ";

    /// <summary>
    /// One line, ended by a line feed: SPIi,SPIr,SK_ei,SK_er,"encryption",SK_ai,SK_ar,"integrity". Where Wireshark has no word for an
    /// algorithm the line is a comment, in which IANA's name or number stands.
    /// </summary>
    public static string Format(IkeKeyEntry entry)
    {
        string? known = WiresharkNames.IkeEncryption(entry.EncryptionId, entry.EncryptionKeyBits);
        string? knownIntegrity = WiresharkNames.IkeIntegrity(entry.IntegrityId);
        string encryption = known ?? Unnamed(AlgorithmRegistry.Encryptions.FirstOrDefault(row => row.Id == entry.EncryptionId), entry.EncryptionId);
        string integrity = knownIntegrity ?? Unnamed(AlgorithmRegistry.Integrities.FirstOrDefault(row => row.Id == entry.IntegrityId), entry.IntegrityId);
        string comment = known is null || knownIntegrity is null ? Comment : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{comment}{entry.InitiatorSpi:x16},{entry.ResponderSpi:x16},{Hex(entry.EncryptionInitiator)},{Hex(entry.EncryptionResponder)},\"{encryption}\",")
            + $"{Hex(entry.IntegrityInitiator)},{Hex(entry.IntegrityResponder)},\"{integrity}\"\n";
    }

    /// <summary>One line, ended by a line feed: "IPv4","source","destination","SPI","encryption","key","integrity","key"; a comment as above.</summary>
    public static string Format(EspKeyEntry entry)
    {
        string? known = WiresharkNames.EspEncryption(entry.EncryptionId);
        string? knownIntegrity = WiresharkNames.EspIntegrity(entry.IntegrityId);
        string encryption = known ?? Unnamed(AlgorithmRegistry.Encryptions.FirstOrDefault(row => row.Id == entry.EncryptionId), entry.EncryptionId);
        string integrity = knownIntegrity ?? Unnamed(AlgorithmRegistry.Integrities.FirstOrDefault(row => row.Id == entry.IntegrityId), entry.IntegrityId);
        string comment = known is null || knownIntegrity is null ? Comment : "";
        bool isV6 = entry.IsV6 || entry.Source is { IsV6: true } || entry.Destination is { IsV6: true };
        string integrityKey = entry.IntegrityKey.IsEmpty ? "" : "0x" + Hex(entry.IntegrityKey);
        return string.Create(CultureInfo.InvariantCulture,
            $"{comment}\"{(isV6 ? "IPv6" : "IPv4")}\",\"{Text(entry.Source)}\",\"{Text(entry.Destination)}\",\"0x{entry.Spi:x8}\",")
            + $"\"{encryption}\",\"0x{Hex(entry.EncryptionKey)}\",\"{integrity}\",\"{integrityKey}\"\n";
    }

    /// <summary>Reads a whole <c>ikev2_decryption_table</c>; empty lines and lines that start with # are skipped.</summary>
    /// <param name="error">One sentence with the number of the line at fault.</param>
    public static bool TryParseIke(string text, out ImmutableArray<IkeKeyEntry> entries, [NotNullWhen(false)] out string? error) =>
        TryParse(text, IkeColumns, ParseIke, out entries, out error);

    /// <summary>Reads a whole <c>esp_sa</c>; empty lines and lines that start with # are skipped.</summary>
    /// <param name="error">One sentence with the number of the line at fault.</param>
    public static bool TryParseEsp(string text, out ImmutableArray<EspKeyEntry> entries, [NotNullWhen(false)] out string? error) =>
        TryParse(text, EspColumns, ParseEsp, out entries, out error);

    static bool TryParse<TEntry>(string text, int columns, Func<ImmutableArray<string>, TEntry?> parse, out ImmutableArray<TEntry> entries,
        [NotNullWhen(false)] out string? error) where TEntry : class
    {
        ImmutableArray<TEntry>.Builder builder = ImmutableArray.CreateBuilder<TEntry>();
        entries = [];
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            number++;
            if (line.Trim().IsEmpty || line[0] == '#')
                continue;
            if (!TrySplit(line, out ImmutableArray<string> fields) || fields.Length != columns || parse(fields) is not TEntry entry)
            {
                error = $"Line {number} of the key table is not a row of {columns} columns with addresses, SPIs, keys and algorithms as Wireshark spells them.";
                return false;
            }
            builder.Add(entry);
        }
        entries = builder.DrainToImmutable();
        error = null;
        return true;
    }

    static IkeKeyEntry? ParseIke(ImmutableArray<string> fields) =>
        TryParseSpi(fields[0], out ulong initiatorSpi) && TryParseSpi(fields[1], out ulong responderSpi)
        && TryParseHex(fields[2], out byte[] encryptionInitiator) && TryParseHex(fields[3], out byte[] encryptionResponder)
        && WiresharkNames.TryFindIkeEncryption(fields[4], out ushort encryption, out int keyBits)
        && TryParseHex(fields[5], out byte[] integrityInitiator) && TryParseHex(fields[6], out byte[] integrityResponder)
        && WiresharkNames.TryFindIkeIntegrity(fields[7], out ushort integrity)
            ? new IkeKeyEntry(initiatorSpi, responderSpi, encryption, keyBits, encryptionInitiator, encryptionResponder, integrity, integrityInitiator,
                integrityResponder)
            : null;

    static EspKeyEntry? ParseEsp(ImmutableArray<string> fields) =>
        fields[0] is "IPv4" or "IPv6" && TryParseAddress(fields[1], out IpAddress? source) && TryParseAddress(fields[2], out IpAddress? destination)
        && TryParseSpi(fields[3], out ulong spi) && spi <= uint.MaxValue
        && WiresharkNames.TryFindEspEncryption(fields[4], out ushort encryption) && TryParseHex(fields[5], out byte[] encryptionKey)
        && WiresharkNames.TryFindEspIntegrity(fields[6], out ushort integrity) && TryParseHex(fields[7], out byte[] integrityKey)
            ? new EspKeyEntry(source, destination, (uint)spi, encryption, encryptionKey, integrity, integrityKey, fields[0] == "IPv6")
            : null;

    /// <summary>Comma-separated fields, quoted or not; Wireshark's own files have no quote inside a field.</summary>
    static bool TrySplit(ReadOnlySpan<char> line, out ImmutableArray<string> fields)
    {
        ImmutableArray<string>.Builder builder = ImmutableArray.CreateBuilder<string>();
        fields = [];
        foreach (Range range in line.Split(','))
        {
            ReadOnlySpan<char> field = line[range].Trim();
            bool isQuoted = field.Length >= 2 && field[0] == '"' && field[^1] == '"';
            if (isQuoted)
                field = field[1..^1];
            if (field.Contains('"'))
                return false;
            builder.Add(field.ToString());
        }
        fields = builder.DrainToImmutable();
        return true;
    }

    static bool TryParseSpi(string text, out ulong spi) => ulong.TryParse(Digits(text), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out spi);

    static bool TryParseAddress(string text, out IpAddress? address)
    {
        bool isAddress = IpAddress.TryParse(text, out IpAddress parsed);
        address = isAddress ? parsed : null;
        return isAddress || text == AnyAddress;
    }

    static bool TryParseHex(string text, out byte[] octets)
    {
        string digits = Digits(text);
        bool isHex = digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit);
        octets = isHex ? Convert.FromHexString(digits) : [];
        return isHex;
    }

    static string Digits(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;

    static string Hex(ReadOnlyMemory<byte> octets) => Convert.ToHexStringLower(octets.Span);

    static string Text(IpAddress? address) => address?.ToString() ?? AnyAddress;

    static string Unnamed(AlgorithmEntry? entry, ushort id) =>
        entry?.IanaName ?? string.Create(CultureInfo.InvariantCulture, $"transform {id}");
}
