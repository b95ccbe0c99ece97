using Ipsec.Crypto;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>Every combination of algorithms that an ESP association may have.</summary>
static class Suites
{
    public static EspTransforms Gcm256 { get; } = new(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false);

    public static EspTransforms Cbc256Sha256 { get; } =
        new(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.HmacSha256_128, false);

    /// <summary>Suite number, from 0 to <see cref="All"/>'s count; theory data must be serializable.</summary>
    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, All.Length)];

    public static EspTransforms[] All { get; } = [.. Build()];

    static IEnumerable<EspTransforms> Build()
    {
        foreach (bool isExtended in (bool[])[false, true])
        {
            foreach (int bits in (int[])[128, 192, 256])
                yield return new EspTransforms(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, bits), IntegrityAlgorithm.None, isExtended);
            EncryptionTransform[] chained =
            [
                new(EncryptionAlgorithm.AesCbc, 128), new(EncryptionAlgorithm.AesCbc, 192), new(EncryptionAlgorithm.AesCbc, 256),
                new(EncryptionAlgorithm.TripleDesCbc, 0),
            ];
            foreach (EncryptionTransform encryption in chained)
            {
                foreach (IntegrityAlgorithm integrity in Enum.GetValues<IntegrityAlgorithm>().Where(value => value != IntegrityAlgorithm.None))
                    yield return new EspTransforms(encryption, integrity, isExtended);
            }
        }
    }
}
