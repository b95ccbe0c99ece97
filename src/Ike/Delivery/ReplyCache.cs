namespace Ipsec.Ike.Delivery;

/// <summary>
/// The peer's requests with a window of one: the next message ID, and the last request with its reply, which a repeated request gets
/// again byte for byte (RFC 7296 §2.1, §2.3).
/// </summary>
sealed class ReplyCache(uint expectedId)
{
    byte[] _request = [];
    byte[] _reply = [];

    /// <summary>Message ID that a new request must carry.</summary>
    public uint ExpectedId { get; private set; } = expectedId;

    /// <summary>The message ID is that of the last request.</summary>
    public bool IsRepetition(uint messageId) => _reply.Length > 0 && messageId == ExpectedId - 1;

    /// <summary>RFC 7296 §2.1: a retransmission is bitwise identical, so a request that differs is none.</summary>
    public bool TryRepeat(ReadOnlySpan<byte> request, out ReadOnlySpan<byte> reply)
    {
        reply = _reply;
        return _reply.Length > 0 && request.SequenceEqual(_request);
    }

    public void Remember(ReadOnlySpan<byte> request, byte[] reply)
    {
        _request = request.ToArray();
        _reply = reply;
        ExpectedId++;
    }
}
