namespace Ipsec.Ike.Wire;

/// <summary>PPK_IDENTITY, RFC 8784 §5.1: one octet type, then the identity. Only identities of the fixed type are understood.</summary>
static class PostquantumKeyIdentity
{
    // PPK_ID_FIXED; PPK_ID_OPAQUE (1) is for both sides to agree on outside of the RFC.
    const byte Fixed = 2;

    public static NotifyPayload ToNotify(ReadOnlySpan<byte> identity) => new(NotifyType.PpkIdentity, (byte[])[Fixed, .. identity]);

    /// <summary>The responder's: it used the key that was named (RFC 8784 §3).</summary>
    public static NotifyPayload Confirmation => new(NotifyType.PpkIdentity);

    /// <summary>Empty where there is none that is understood.</summary>
    public static ReadOnlySpan<byte> Read(IkeMessage message) =>
        message.FindNotify(NotifyType.PpkIdentity) is NotifyPayload notify && notify.Data.Span is [Fixed, .. ReadOnlySpan<byte> identity] ? identity : [];
}
