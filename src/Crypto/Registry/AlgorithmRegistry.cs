using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ipsec.Crypto.Registry;

/// <summary>
/// Every algorithm of IANA's "IKEv2 Parameters" that this stack knows, in four tables, the ones to be preferred first. Whatever needs a
/// number, a name, a length or a judgement about an algorithm takes it from here; whether this machine's libcrypto has it is another question
/// (<see cref="PacketCiphers.IsSupported"/>, <see cref="KeyExchanges.IsSupported"/>).
/// </summary>
public static class AlgorithmRegistry
{
    static readonly FrozenDictionary<EncryptionTransform, EncryptionEntry> EncryptionByTransform =
        EncryptionEntries.All.ToFrozenDictionary(entry => entry.Transform);

    static readonly FrozenDictionary<PseudorandomFunction, PseudorandomFunctionEntry> PrfByFunction =
        MacEntries.PseudorandomFunctions.ToFrozenDictionary(entry => entry.Function);

    static readonly FrozenDictionary<IntegrityAlgorithm, IntegrityEntry> IntegrityByAlgorithm =
        MacEntries.Integrities.ToFrozenDictionary(entry => entry.Algorithm);

    static readonly FrozenDictionary<KeyExchangeMethod, KeyExchangeEntry> KeyExchangeByMethod =
        KeyExchangeEntries.All.ToFrozenDictionary(entry => entry.Method);

    public static ImmutableArray<EncryptionEntry> Encryptions => EncryptionEntries.All;

    public static ImmutableArray<PseudorandomFunctionEntry> PseudorandomFunctions => MacEntries.PseudorandomFunctions;

    public static ImmutableArray<IntegrityEntry> Integrities => MacEntries.Integrities;

    public static ImmutableArray<KeyExchangeEntry> KeyExchanges => KeyExchangeEntries.All;

    // Null for what is not in the tables.

    public static EncryptionEntry? Find(EncryptionTransform transform) => EncryptionByTransform.GetValueOrDefault(transform);

    public static PseudorandomFunctionEntry? Find(PseudorandomFunction function) => PrfByFunction.GetValueOrDefault(function);

    public static IntegrityEntry? Find(IntegrityAlgorithm algorithm) => IntegrityByAlgorithm.GetValueOrDefault(algorithm);

    public static KeyExchangeEntry? Find(KeyExchangeMethod method) => KeyExchangeByMethod.GetValueOrDefault(method);
}
