using System.Collections.Immutable;

namespace Ipsec.Crypto.Registry;

/// <summary>What every row of the registry has.</summary>
/// <param name="Id">IANA's number within its transform type.</param>
/// <param name="Word">The word of strongSwan's proposals, which is ours too.</param>
/// <param name="IanaName">The name in IANA's "IKEv2 Parameters".</param>
/// <param name="Source">The document that defines it.</param>
public abstract record AlgorithmEntry(ushort Id, string Word, string IanaName, string Source)
{
    /// <summary>Words that mean the same.</summary>
    public ImmutableArray<string> OtherWords { get; init; } = [];

    /// <summary>Why it should not be used for an IKE SA, with the document that says so; null if nothing speaks against it.</summary>
    public string? IkeWeakness { get; init; }

    /// <summary>The same for ESP.</summary>
    public string? EspWeakness { get; init; }

    /// <summary>For both.</summary>
    internal string Weakness
    {
        init
        {
            IkeWeakness = value;
            EspWeakness = value;
        }
    }

    /// <summary>Wireshark's word in <c>ikev2_decryption_table</c>; null where it has none.</summary>
    public string? WiresharkIke { get; init; }

    /// <summary>Wireshark's word in <c>esp_sa</c>; null where it has none.</summary>
    public string? WiresharkEsp { get; init; }
}
