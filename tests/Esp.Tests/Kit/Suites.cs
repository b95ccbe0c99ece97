using Ipsec.Crypto;
using Ipsec.Crypto.Registry;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>The registry's algorithms as an ESP association may have them.</summary>
static class Suites
{
    public static EspTransforms Gcm256 { get; } = new(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false);

    public static EspTransforms Cbc256Sha256 { get; } =
        new(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.HmacSha256_128, false);

    /// <summary>Suite number, from 0 to <see cref="All"/>'s count; theory data must be serializable.</summary>
    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, All.Length)];

    public static EspTransforms[] All { get; } = [.. Build()];

    /// <summary>Those whose algorithms the reference implementation has.</summary>
    public static TheoryData<int> ReferenceNumbers =>
        [.. Enumerable.Range(0, All.Length).Where(number => All[number].Encryption.Algorithm != EncryptionAlgorithm.CamelliaCbc)];

    // Every cipher with one integrity algorithm, and every integrity algorithm with one cipher.
    static IEnumerable<EspTransforms> Build()
    {
        foreach (bool isExtended in (bool[])[false, true])
        {
            foreach (EncryptionEntry entry in AlgorithmRegistry.Encryptions)
            {
                yield return new EspTransforms(entry.Transform,
                    entry.IsCombinedMode ? IntegrityAlgorithm.None : IntegrityAlgorithm.HmacSha256_128, isExtended);
            }
            foreach (IntegrityEntry entry in AlgorithmRegistry.Integrities)
                yield return Cbc256Sha256 with { Integrity = entry.Algorithm, ExtendedSequenceNumbers = isExtended };
        }
    }
}
