using System.Runtime.CompilerServices;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto.Tests;

public sealed class AlgorithmRegistryTests
{
    static IEnumerable<AlgorithmEntry> All =>
        [.. AlgorithmRegistry.Encryptions, .. AlgorithmRegistry.PseudorandomFunctions, .. AlgorithmRegistry.Integrities, .. AlgorithmRegistry.KeyExchanges];

    [Fact]
    public void EveryNumberHasARowAndEveryRowIsFound()
    {
        Assert.Equal(Numbers<EncryptionAlgorithm>(), AlgorithmRegistry.Encryptions.Select(entry => entry.Id).Distinct().Order());
        Assert.Equal(Numbers<PseudorandomFunction>(), AlgorithmRegistry.PseudorandomFunctions.Select(entry => entry.Id).Order());
        Assert.Equal(Numbers<IntegrityAlgorithm>(), AlgorithmRegistry.Integrities.Select(entry => entry.Id).Order());
        Assert.Equal(Numbers<KeyExchangeMethod>(), AlgorithmRegistry.KeyExchanges.Select(entry => entry.Id).Order());
        Assert.All(AlgorithmRegistry.Encryptions, entry => Assert.Same(entry, AlgorithmRegistry.Find(entry.Transform)));
        Assert.All(AlgorithmRegistry.PseudorandomFunctions, entry => Assert.Same(entry, AlgorithmRegistry.Find(entry.Function)));
        Assert.All(AlgorithmRegistry.Integrities, entry => Assert.Same(entry, AlgorithmRegistry.Find(entry.Algorithm)));
        Assert.All(AlgorithmRegistry.KeyExchanges, entry => Assert.Same(entry, AlgorithmRegistry.Find(entry.Method)));
    }

    [Fact]
    public void AWordMeansOneThing()
    {
        string[] words = [.. All.SelectMany(entry => entry.OtherWords.Prepend(entry.Word))];
        Assert.Equal(words.Length, words.Distinct().Count());
    }

    [Fact]
    public void NobodyNegotiatesAnAlgorithmWithoutKeyOrCode()
    {
        // A cipher whose key material is taken to be empty, or a code of no octets, would protect nothing.
        Assert.All(AlgorithmRegistry.Encryptions, entry =>
        {
            bool isNull = entry.Mode == EncryptionMode.Null;
            Assert.Equal(isNull, entry.Transform.KeyMaterialLength == 0);
            Assert.Equal(isNull, entry.LibraryName.Length == 0);
            Assert.False(isNull && (entry.IsForIke || PacketCiphers.IsSupported(entry.Transform, IntegrityAlgorithm.None)));
        });
        Assert.All(AlgorithmRegistry.Integrities, entry => Assert.True(entry.KeyLength >= 16 && entry.IcvLength >= 12));
        Assert.All(AlgorithmRegistry.PseudorandomFunctions, entry => Assert.True(entry.OutputLength >= 16));
        // GMAC without a key length attribute is not an algorithm, so its key material is never empty.
        EncryptionTransform gmac = new(EncryptionAlgorithm.NullAuthAesGmac, 0);
        Assert.Equal((0, false), (gmac.KeyMaterialLength, PacketCiphers.IsSupported(gmac, IntegrityAlgorithm.None)));
        Assert.Throws<ArgumentException>(() => PacketCiphers.Create(gmac, [], IntegrityAlgorithm.None, [], forSealing: true));
    }

    [Fact]
    public void TheDocumentListsEveryAlgorithmAsItIs()
    {
        string document = File.ReadAllText(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../docs/algorithms.md")));
        Assert.Equal(All.Select(Row), document.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)));
    }

    static string Row(AlgorithmEntry entry)
    {
        string others = string.Concat(entry.OtherWords.Select(word => $", `{word}`"));
        string use = entry is EncryptionEntry { IsForIke: false } ? "ESP" : entry is PseudorandomFunctionEntry ? "IKE" : "IKE, ESP";
        string weakness = (entry.IkeWeakness, entry.EspWeakness) switch
        {
            (null, null) => "",
            (null, string esp) => $"in ESP: {esp}",
            (string ike, _) => ike,
        };
        return $"| `{entry.Word}`{others} | {entry.Id} | {entry.IanaName} | {entry.Source} | {use} | {weakness} |";
    }

    static IEnumerable<ushort> Numbers<TAlgorithm>() where TAlgorithm : struct, Enum =>
        Enum.GetValues<TAlgorithm>().Select(value => Convert.ToUInt16(value, System.Globalization.CultureInfo.InvariantCulture)).Where(number => number != 0)
            .Order();

    static string ThisFile([CallerFilePath] string path = "") => path;
}
