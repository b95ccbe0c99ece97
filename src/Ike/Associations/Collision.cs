namespace Ipsec.Ike.Associations;

/// <summary>Who gives way when both peers rekeyed the same SA at the same time, RFC 7296 §2.8.1 and §2.8.2.</summary>
static class Collision
{
    /// <summary>
    /// The SA created with the lowest of the four nonces is closed by the endpoint that created it. True: ours is the one to close.
    /// </summary>
    public static bool OursIsRedundant(ReadOnlySpan<byte> ourNonceI, ReadOnlySpan<byte> ourNonceR, ReadOnlySpan<byte> theirNonceI, ReadOnlySpan<byte> theirNonceR) =>
        Lower(ourNonceI, ourNonceR).SequenceCompareTo(Lower(theirNonceI, theirNonceR)) < 0;

    // SequenceCompareTo compares octet by octet, and the one that ends first is the lower: exactly the rule of §2.8.1.
    static ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceCompareTo(right) <= 0 ? left : right;
}
