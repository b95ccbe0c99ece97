using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Profiles;

namespace Ipsec.Lab.DeviceConfig;

/// <summary>One proposal in IANA's words and in a device's own.</summary>
sealed class ProposalWords(AlgorithmProposal proposal)
{
    readonly ImmutableArray<AlgorithmEntry> _encryption = [.. proposal.Encryption.Select(AlgorithmRegistry.Find).OfType<AlgorithmEntry>()];
    readonly ImmutableArray<AlgorithmEntry> _integrity = [.. proposal.Integrity.Select(AlgorithmRegistry.Find).OfType<AlgorithmEntry>()];
    readonly ImmutableArray<AlgorithmEntry> _prf = [.. proposal.PseudorandomFunctions.Select(AlgorithmRegistry.Find).OfType<AlgorithmEntry>()];
    readonly ImmutableArray<AlgorithmEntry> _groups = [.. proposal.KeyExchange.Select(AlgorithmRegistry.Find).OfType<AlgorithmEntry>()];

    public string Token => ProposalText.Print(proposal);

    public bool HasGroup => !_groups.IsEmpty;

    /// <summary>"AES_CBC 256, HMAC_SHA1_96, group 2 (aes256-sha1-modp1024)".</summary>
    public string InWords
    {
        get
        {
            IEnumerable<string> ciphers = proposal.Encryption.Zip(_encryption,
                (transform, entry) => transform.KeyBits > 0 ? $"{Short(entry)} {transform.KeyBits}" : Short(entry));
            string[] parts = [string.Join(" or ", ciphers), string.Join(" or ", (_integrity.IsEmpty ? _prf : _integrity).Select(Short)), Groups];
            return $"{string.Join(", ", parts.Where(part => part.Length > 0))} ({Token})";
        }
    }

    /// <summary>"group 2 or group 14"; empty without one.</summary>
    public string Groups => string.Join(" or ", _groups.Select(group => $"group {group.Id}"));

    /// <summary>The row of a device's menu, with its words for the algorithms.</summary>
    public string InDevice(ProfileVocabulary vocabulary, string row, ImmutableSortedDictionary<string, string> words)
    {
        string encryption = ProfileVocabulary.Say(words, _encryption.Select(entry => entry.Word));
        string integrity = _integrity.IsEmpty
            ? ProfileVocabulary.SayCombinedMode(words, encryption)
            : ProfileVocabulary.Say(words, _integrity.Select(entry => entry.Word));
        string prf = ProfileVocabulary.Say(words, _prf.Select(entry => entry.Word));
        string group = ProfileVocabulary.Say(words, _groups.Select(entry => entry.Word));
        return vocabulary.Fill(row, ("token", Token), ("encryption", encryption), ("integrity", integrity), ("prf", prf), ("group", group)).TrimEnd(',', ' ');
    }

    static string Short(AlgorithmEntry entry) => entry.IanaName[(entry.IanaName.IndexOf('_') + 1)..];
}
