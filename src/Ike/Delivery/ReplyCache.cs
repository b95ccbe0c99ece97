namespace Ipsec.Ike.Delivery;

/// <summary>
/// The peer's requests with a window of one: the next message ID, and the reply to the last request, which a repeated request gets
/// again byte for byte (RFC 7296 §2.1, §2.3), fragment for fragment.
/// </summary>
sealed class ReplyCache(uint expectedId)
{
    UInt128 _request;
    byte[][] _reply = [];

    /// <summary>Message ID that a new request must carry.</summary>
    public uint ExpectedId { get; private set; } = expectedId;

    /// <summary>The last reply, as it was sent; empty where a hook held it back.</summary>
    public byte[][] Reply => _reply;

    /// <summary>The message ID is that of the last request.</summary>
    public bool IsRepetition(uint messageId) => _reply.Length > 0 && messageId == ExpectedId - 1;

    /// <summary>RFC 7296 §2.1: a retransmission is bitwise identical, so a request that differs is none.</summary>
    public bool IsSame(ReadOnlySpan<byte> request) => MessageDigest.Of(request) == _request;

    /// <param name="request">Of the request, or of its first fragment.</param>
    public void Remember(UInt128 request, byte[][] reply)
    {
        _request = request;
        _reply = reply;
        ExpectedId++;
    }
}
