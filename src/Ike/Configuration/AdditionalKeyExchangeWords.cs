using System.Globalization;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>The words for Additional Key Exchange 1 to 7 (RFC 9370 §2.2.1) as strongSwan has them: "ke1_mlkem768", "ke2_ecp384", "ke1_none".</summary>
static class AdditionalKeyExchangeWords
{
    const string None = "none";

    public static bool IsAdditional(Transform transform) =>
        transform.Type is >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7;

    /// <summary>The transform that a word stands for, whether this stack can do the method or not.</summary>
    public static bool TryFind(string word, out Transform transform)
    {
        transform = default;
        if (word is not ['k', 'e', >= '1' and <= '7', '_', ..])
            return false;
        TransformType type = AdditionalKeyExchanges.TypeOf(word[2] - '1');
        string method = word[4..];
        if (method == None)
        {
            transform = new Transform(type, 0);
            return true;
        }
        bool isFound = AlgorithmWords.TryFind(method, out Transform group) && group.Type == TransformType.KeyExchange && group.Id != 0;
        transform = group with { Type = type };
        return isFound;
    }

    public static string NameOf(Transform transform)
    {
        string method = transform is { Id: 0, HasUnknownAttribute: false } ? None : AlgorithmWords.NameOf(AsGroup(transform));
        return string.Create(CultureInfo.InvariantCulture, $"ke{transform.Type - TransformType.AdditionalKeyExchange1 + 1}_{method}");
    }

    /// <summary>True if this stack can negotiate it: NONE, or a group of its own.</summary>
    public static bool IsSupported(Transform transform, ProtocolId protocol) =>
        transform is { Id: 0, HasUnknownAttribute: false } || AlgorithmWords.IsSupported(AsGroup(transform), protocol);

    /// <summary>The same method as Transform Type 4; any other transform as it is.</summary>
    public static Transform AsGroup(Transform transform) => IsAdditional(transform) ? transform with { Type = TransformType.KeyExchange } : transform;
}
