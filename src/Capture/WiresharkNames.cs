using Ipsec.Crypto.Registry;

namespace Ipsec.Capture;

/// <summary>
/// Algorithms in the exact words of Wireshark's preference tables, by their numbers in IANA's "IKEv2 Parameters": what the registry says, and
/// the words for "none". The two tables spell the same algorithm differently, and neither has all of them.
/// </summary>
static class WiresharkNames
{
    const string NoIkeIntegrity = "NONE [RFC4306]";
    const string NoEspIntegrity = "NULL";

    // Words that say how long a code is and not which: more than one algorithm is meant by them.
    const string Unchecked = "ANY ";

    public static string? IkeEncryption(ushort id, int keyBits) =>
        AlgorithmRegistry.Encryptions.FirstOrDefault(entry => entry.Id == id && entry.Transform.KeyBits == keyBits)?.WiresharkIke;

    public static string? IkeIntegrity(ushort id) => id == 0 ? NoIkeIntegrity : Integrity(id)?.WiresharkIke;

    public static string? EspEncryption(ushort id) => AlgorithmRegistry.Encryptions.FirstOrDefault(entry => entry.Id == id)?.WiresharkEsp;

    public static string? EspIntegrity(ushort id) => id == 0 ? NoEspIntegrity : Integrity(id)?.WiresharkEsp;

    public static bool TryFindIkeEncryption(string name, out ushort id, out int keyBits)
    {
        EncryptionEntry? found = AlgorithmRegistry.Encryptions.FirstOrDefault(entry => entry.WiresharkIke == name);
        (id, keyBits) = found is null ? default : (found.Id, found.Transform.KeyBits);
        return found is not null;
    }

    public static bool TryFindIkeIntegrity(string name, out ushort id)
    {
        AlgorithmEntry? found = AlgorithmRegistry.Integrities.FirstOrDefault(entry => entry.WiresharkIke == name);
        return IsFound(name == NoIkeIntegrity, name, found, out id);
    }

    public static bool TryFindEspEncryption(string name, out ushort id) =>
        IsFound(isNone: false, name, AlgorithmRegistry.Encryptions.FirstOrDefault(entry => entry.WiresharkEsp == name), out id);

    public static bool TryFindEspIntegrity(string name, out ushort id)
    {
        AlgorithmEntry? found = AlgorithmRegistry.Integrities.FirstOrDefault(entry => entry.WiresharkEsp == name);
        return IsFound(name == NoEspIntegrity, name, found, out id);
    }

    static IntegrityEntry? Integrity(ushort id) => AlgorithmRegistry.Integrities.FirstOrDefault(entry => entry.Id == id);

    static bool IsFound(bool isNone, string name, AlgorithmEntry? found, out ushort id)
    {
        id = found?.Id ?? 0;
        return isNone || found is not null && !name.StartsWith(Unchecked, StringComparison.Ordinal);
    }
}
