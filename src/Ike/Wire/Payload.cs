namespace Ipsec.Ike.Wire;

/// <summary>
/// A parsed payload as a value: it exists only if it is valid (RFC 7296 §3.2 to §3.16). Each subclass stands in a file of its own
/// together with its bit diagram, parser and writer.
/// </summary>
public abstract record Payload
{
    private protected Payload(PayloadType type) => Type = type;

    public PayloadType Type { get; }

    /// <summary>The critical bit, which matters only for payload types that the receiver does not know (RFC 7296 §2.5).</summary>
    public bool IsCritical { get; init; }

    /// <summary>Writes what follows the generic payload header.</summary>
    internal abstract void WriteBody(OctetWriter writer);
}
