using Ipsec.Crypto;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>SK(1) | SK(2) | … of the additional key exchanges behind a CREATE_CHILD_SA (RFC 9370 §2.2.4).</summary>
sealed class AdditionalSecrets : IDisposable
{
    readonly List<Secret> _secrets = [];
    Secret? _joined;

    public Secret Joined => _joined ??= Join();

    /// <param name="secret">Owned from here on.</param>
    public void Add(Secret secret) => _secrets.Add(secret);

    public void Dispose()
    {
        foreach (Secret secret in _secrets)
            secret.Dispose();
        _joined?.Dispose();
    }

    Secret Join()
    {
        using var joined = new SecretBuffer(_secrets.Sum(secret => secret.Length));
        foreach (Secret secret in _secrets)
            joined.Append(secret.Span);
        return new Secret(joined.Span);
    }
}
