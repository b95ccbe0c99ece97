using Ipsec.Net;

namespace Ipsec.Ike.Redirection;

/// <summary>How often a connection may be sent on before somebody is leading it in a circle (RFC 5685 §7).</summary>
sealed class RedirectLimit
{
    /// <summary>MAX_REDIRECTS.</summary>
    public const int Maximum = 5;

    /// <summary>REDIRECT_LOOP_DETECT_PERIOD.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(300);

    readonly Queue<TimeSpan> _followed = new();

    /// <summary>False if it would be one too many.</summary>
    public bool TryFollow(Instant now)
    {
        while (_followed.TryPeek(out TimeSpan oldest) && now.Monotonic - oldest >= Period)
            _followed.Dequeue();
        if (_followed.Count >= Maximum)
            return false;
        _followed.Enqueue(now.Monotonic);
        return true;
    }
}
