namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>A TCP sequence number: comparisons and differences are modulo 2^32 (RFC 9293 §3.4).</summary>
readonly record struct SequenceNumber(uint Value)
{
    public static SequenceNumber operator +(SequenceNumber number, int octets) => new(unchecked(number.Value + (uint)octets));

    /// <summary>How many octets <paramref name="left"/> is ahead; negative where it is behind.</summary>
    public static int operator -(SequenceNumber left, SequenceNumber right) => unchecked((int)(left.Value - right.Value));

    public static bool operator <(SequenceNumber left, SequenceNumber right) => left - right < 0;

    public static bool operator >(SequenceNumber left, SequenceNumber right) => left - right > 0;

    public static bool operator <=(SequenceNumber left, SequenceNumber right) => left - right <= 0;

    public static bool operator >=(SequenceNumber left, SequenceNumber right) => left - right >= 0;
}
