namespace Ipsec.Ike.Associations;

/// <summary>Who gives way when both peers made the same SA at the same time, RFC 7296 §2.8.1 and §2.8.2.</summary>
static class Collision
{
    /// <summary>
    /// The SA created with the lowest of the four nonces is closed by the endpoint that created it. True: <paramref name="one"/> is the one to close.
    /// </summary>
    public static bool IsRedundant(in ExchangeNonces one, in ExchangeNonces other) => one.Lowest.SequenceCompareTo(other.Lowest) < 0;
}

/// <summary>The nonces of the exchange that made an SA.</summary>
readonly record struct ExchangeNonces(ReadOnlyMemory<byte> Initiator, ReadOnlyMemory<byte> Responder)
{
    // SequenceCompareTo compares octet by octet, and the one that ends first is the lower: exactly the rule of RFC 7296 §2.8.1.
    public ReadOnlySpan<byte> Lowest =>
        Initiator.Span.SequenceCompareTo(Responder.Span) <= 0 ? Initiator.Span : Responder.Span;
}
