using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>Which additional key exchanges, 1 to 7, two sides agreed on (RFC 9370 §2.2.1). The default is none. Equal by value.</summary>
public readonly struct AdditionalKeyExchanges : IEquatable<AdditionalKeyExchanges>
{
    /// <summary>Additional Key Exchange 1 to 7.</summary>
    public const int Maximum = TransformType.AdditionalKeyExchange7 - TransformType.AdditionalKeyExchange1 + 1;

    readonly ImmutableArray<KeyExchangeMethod> _byNumber;

    internal AdditionalKeyExchanges(ImmutableArray<Transform> transforms)
    {
        foreach (Transform transform in transforms)
        {
            if (transform.Type < TransformType.AdditionalKeyExchange1 || transform.Id == 0)
                continue;
            if (_byNumber.IsDefault)
                _byNumber = [.. Enumerable.Repeat(KeyExchangeMethod.None, Maximum)];
            _byNumber = _byNumber.SetItem(transform.Type - TransformType.AdditionalKeyExchange1, (KeyExchangeMethod)transform.Id);
        }
    }

    internal static TransformType TypeOf(int index) => (TransformType)((int)TransformType.AdditionalKeyExchange1 + index);

    /// <summary>By number; index 0 is Additional Key Exchange 1, None where that one does not take place. Empty where none does.</summary>
    public ImmutableArray<KeyExchangeMethod> ByNumber => _byNumber.IsDefault ? [] : _byNumber;

    /// <summary>Those that take place, in the order in which they do.</summary>
    public IEnumerable<KeyExchangeMethod> InOrder => ByNumber.Where(method => method != KeyExchangeMethod.None);

    public bool Equals(AdditionalKeyExchanges other) => ByNumber.SequenceEqual(other.ByNumber);

    public override bool Equals(object? obj) => obj is AdditionalKeyExchanges other && Equals(other);

    public override int GetHashCode() => InOrder.Aggregate(0, (hash, method) => hash * 41 + (int)method);

    public static bool operator ==(AdditionalKeyExchanges left, AdditionalKeyExchanges right) => left.Equals(right);

    public static bool operator !=(AdditionalKeyExchanges left, AdditionalKeyExchanges right) => !left.Equals(right);
}
