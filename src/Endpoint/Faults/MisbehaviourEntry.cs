using Ipsec.Ike.Wire;

namespace Ipsec.Endpoint.Faults;

/// <summary>One row of the catalogue. What is null is left alone.</summary>
/// <param name="Message">Changes a message between built and protected; null as its result holds the message back.</param>
/// <param name="Datagram">Changes a datagram that is complete; the number is where its IKE header begins.</param>
/// <param name="Payloads">Changes payloads between opened and parsed.</param>
/// <param name="Configuration">Changes what the endpoint is told.</param>
sealed record MisbehaviourEntry(string Name, string Description, Func<IkeMessage, IkeMessage?>? Message = null,
    Func<byte[], int, LateDatagram[]>? Datagram = null, MisbehaviourEntry.PayloadChange? Payloads = null,
    Func<EndpointConfiguration, EndpointConfiguration>? Configuration = null)
{
    public delegate void PayloadChange(Span<byte> payloads);
}
