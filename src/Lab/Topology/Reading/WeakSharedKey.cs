using Ipsec.Crypto;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>
/// Pre-shared keys that somebody who tricked an initiator into one IKE_AUTH can find by trying, away from the peers (RFC 7296 §2.15: "deriving a shared secret
/// from a password, name, or other low-entropy source is not secure"; CVE-2018-5389). What is judged is what a key can hold at most; nothing of it is shown.
/// </summary>
static class WeakSharedKey
{
    // Below that, trying all of them is a matter of money. A key of 12 letters and digits has 71 bits, one of 16 hexadecimal digits 64.
    const double FewestBits = 64;
    const int FewestDifferent = 6;

    /// <summary>The reason, a clause without a full stop; null for a key that is not known to be weak.</summary>
    public static string? Of(Secret key)
    {
        Span<bool> seen = stackalloc bool[256];
        seen.Clear();
        int different = 0;
        foreach (byte octet in key.Span)
        {
            different += seen[octet] ? 0 : 1;
            seen[octet] = true;
        }
        double bits = key.Length * Math.Log2(AlphabetOf(key.Span));
        seen.Clear();
        const string advice = "whoever gets one IKE_AUTH out of a peer can try keys at leisure, CVE-2018-5389; 16 random letters and digits are enough";
        return bits < FewestBits ? $"{key.Length} such characters hold less than {FewestBits} bits; {advice}"
            : different < FewestDifferent ? $"it has {different} different characters; {advice}"
            : null;
    }

    /// <summary>How many characters there are of the kinds that the key is made of.</summary>
    static int AlphabetOf(ReadOnlySpan<byte> key)
    {
        bool hasLower = key.ContainsAnyInRange((byte)'a', (byte)'z');
        bool hasUpper = key.ContainsAnyInRange((byte)'A', (byte)'Z');
        bool hasDigit = key.ContainsAnyInRange((byte)'0', (byte)'9');
        bool isHexadecimal = key.IndexOfAnyExcept("0123456789abcdef"u8) < 0 || key.IndexOfAnyExcept("0123456789ABCDEF"u8) < 0;
        if (key.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return 256;
        if (isHexadecimal)
            return hasLower || hasUpper ? 16 : 10;
        int plain = (hasLower ? 26 : 0) + (hasUpper ? 26 : 0) + (hasDigit ? 10 : 0);
        bool hasOther = false;
        foreach (byte octet in key)
            hasOther |= !char.IsAsciiLetterOrDigit((char)octet);
        return plain + (hasOther ? 33 : 0);
    }
}
