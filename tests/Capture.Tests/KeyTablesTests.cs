using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Capture.Tests;

public class KeyTablesTests
{
    static IkeKeyEntry CombinedMode => new(0x0102030405060708, 0xA1A2A3A4A5A6A7A8, 20, 256, Octets(36, 1), Octets(36, 2), 0, default, default);

    static IkeKeyEntry Cbc => new(0x1, 0x2, 12, 128, Octets(16, 1), Octets(16, 2), 12, Octets(32, 3), Octets(32, 4));

    static EspKeyEntry Esp => new(IpAddress.Parse("203.0.113.5"), IpAddress.Parse("198.51.100.10"), 0xC3F0A1D2, 12, Octets(16, 1), 2, Octets(20, 2));

    [Fact]
    public void WritesIkeKeysInWiresharksSpelling()
    {
        Assert.Equal("0000000000000001,0000000000000002,01010101010101010101010101010101,02020202020202020202020202020202,"
            + "\"AES-CBC-128 [RFC3602]\",0303030303030303030303030303030303030303030303030303030303030303,"
            + "0404040404040404040404040404040404040404040404040404040404040404,\"HMAC_SHA2_256_128 [RFC4868]\"\n", KeyTables.Format(Cbc));
        Assert.EndsWith(",\"AES-GCM-256 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n", KeyTables.Format(CombinedMode));
    }

    [Fact]
    public void WritesEspKeysInWiresharksSpelling()
    {
        Assert.Equal("\"IPv4\",\"203.0.113.5\",\"198.51.100.10\",\"0xc3f0a1d2\",\"AES-CBC [RFC3602]\",\"0x01010101010101010101010101010101\","
            + "\"HMAC-SHA-1-96 [RFC2404]\",\"0x0202020202020202020202020202020202020202\"\n", KeyTables.Format(Esp));
        EspKeyEntry sixAndAny = new(IpAddress.Parse("2001:db8::1"), null, 0x100, 20, Octets(20, 7), 0, default);
        Assert.Equal("\"IPv6\",\"2001:db8::1\",\"*\",\"0x00000100\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x"
            + $"{Convert.ToHexStringLower(Octets(20, 7).Span)}\",\"NULL\",\"\"\n", KeyTables.Format(sixAndAny));
    }

    public static TheoryData<ushort, int, ushort> IkeAlgorithms()
    {
        var data = new TheoryData<ushort, int, ushort>();
        foreach ((ushort cipher, int bits) in new (ushort, int)[] { (3, 0), (12, 128), (12, 192), (12, 256) })
        {
            foreach (ushort integrity in new ushort[] { 2, 12, 13, 14 })
                data.Add(cipher, bits, integrity);
        }
        foreach (int bits in new[] { 128, 192, 256 })
            data.Add(20, bits, 0);
        return data;
    }

    [Theory]
    [MemberData(nameof(IkeAlgorithms))]
    public void ReadsBackEveryAlgorithm(ushort cipher, int bits, ushort integrity)
    {
        IkeKeyEntry ike = Cbc with { EncryptionId = cipher, EncryptionKeyBits = bits, IntegrityId = integrity };
        Assert.True(KeyTables.TryParseIke("# comment\n\n" + KeyTables.Format(ike), out ImmutableArray<IkeKeyEntry> ikeEntries, out _));
        Assert.Equal(KeyTables.Format(ike), KeyTables.Format(Assert.Single(ikeEntries)));
        Assert.Equal((cipher, bits, integrity), (ikeEntries[0].EncryptionId, ikeEntries[0].EncryptionKeyBits, ikeEntries[0].IntegrityId));

        EspKeyEntry esp = Esp with { EncryptionId = cipher, IntegrityId = integrity };
        Assert.True(KeyTables.TryParseEsp(KeyTables.Format(esp), out ImmutableArray<EspKeyEntry> espEntries, out _));
        Assert.Equal(KeyTables.Format(esp), KeyTables.Format(Assert.Single(espEntries)));
        Assert.Equal((esp.Source, esp.Destination, esp.Spi), (espEntries[0].Source, espEntries[0].Destination, espEntries[0].Spi));
    }

    [Theory]
    [InlineData("0000000000000001,2,00,00,\"AES-CBC-128 [RFC3602]\",00,00")]
    [InlineData("x,2,00,00,\"AES-CBC-128 [RFC3602]\",00,00,\"NONE [RFC4306]\"")]
    [InlineData("1,2,0,00,\"AES-CBC-128 [RFC3602]\",00,00,\"NONE [RFC4306]\"")]
    [InlineData("1,2,00,00,\"AES-CBC-129 [RFC3602]\",00,00,\"NONE [RFC4306]\"")]
    [InlineData("1,2,00,00,\"AES-CBC\"-128 [RFC3602],00,00,\"NONE [RFC4306]\"")]
    public void NamesTheLineAtFault(string row)
    {
        Assert.False(KeyTables.TryParseIke("\n" + row, out ImmutableArray<IkeKeyEntry> entries, out string? error));
        Assert.Empty(entries);
        Assert.StartsWith("Line 2 of the key table", error);
    }

    [Theory]
    [InlineData("\"IPv5\",\"*\",\"*\",\"0x1\",\"NULL\",\"\",\"NULL\",\"\"")]
    [InlineData("\"IPv4\",\"10.0.0\",\"*\",\"0x1\",\"AES-CBC [RFC3602]\",\"\",\"NULL\",\"\"")]
    [InlineData("\"IPv4\",\"*\",\"*\",\"0x100000000\",\"AES-CBC [RFC3602]\",\"\",\"NULL\",\"\"")]
    public void RefusesEspRowsThatAreNone(string row)
    {
        Assert.False(KeyTables.TryParseEsp(row, out _, out string? error));
        Assert.StartsWith("Line 1 of the key table", error);
    }

    [Fact]
    public void WritesACommentWhereWiresharkHasNoWord()
    {
        Assert.Contains(",\"transform 99\",", KeyTables.Format(Cbc with { EncryptionId = 99 }));
        string camellia = KeyTables.Format(Cbc with { EncryptionId = (ushort)EncryptionAlgorithm.CamelliaCbc });
        Assert.StartsWith("# ", camellia);
        Assert.Contains(",\"ENCR_CAMELLIA_CBC\",", camellia);
        Assert.True(KeyTables.TryParseIke(camellia + KeyTables.Format(Cbc), out ImmutableArray<IkeKeyEntry> entries, out _));
        Assert.Single(entries);
    }

    [Fact]
    public void EveryWordIsReadAsTheAlgorithmItWasWrittenFor()
    {
        foreach (EncryptionEntry entry in AlgorithmRegistry.Encryptions)
        {
            IkeKeyEntry ike = Cbc with { EncryptionId = entry.Id, EncryptionKeyBits = entry.Transform.KeyBits };
            Assert.True(KeyTables.TryParseIke(KeyTables.Format(ike), out ImmutableArray<IkeKeyEntry> ikeEntries, out _));
            Assert.Equal(entry.WiresharkIke is null ? [] : [(entry.Id, entry.Transform.KeyBits)],
                ikeEntries.Select(read => (read.EncryptionId, read.EncryptionKeyBits)));
            Assert.True(KeyTables.TryParseEsp(KeyTables.Format(Esp with { EncryptionId = entry.Id }), out ImmutableArray<EspKeyEntry> espEntries, out _));
            Assert.Equal(entry.WiresharkEsp is null ? [] : [entry.Id], espEntries.Select(read => read.EncryptionId));
        }
        foreach (IntegrityEntry entry in AlgorithmRegistry.Integrities)
        {
            // A word that only tells the length of a code stands for several algorithms and is read as none.
            bool isAmbiguous = entry.WiresharkIke!.StartsWith("ANY", StringComparison.Ordinal);
            Assert.Equal(!isAmbiguous, KeyTables.TryParseIke(KeyTables.Format(Cbc with { IntegrityId = entry.Id }), out ImmutableArray<IkeKeyEntry> ikeEntries,
                out _));
            Assert.All(ikeEntries, read => Assert.Equal(entry.Id, read.IntegrityId));
            Assert.Equal(!isAmbiguous, KeyTables.TryParseEsp(KeyTables.Format(Esp with { IntegrityId = entry.Id }), out _, out _));
        }
    }

    static ReadOnlyMemory<byte> Octets(int count, byte value) => Enumerable.Repeat(value, count).ToArray();
}
