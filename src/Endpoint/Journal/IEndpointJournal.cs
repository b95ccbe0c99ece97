namespace Ipsec.Endpoint.Journal;

/// <summary>
/// Where an endpoint records what its engine saw and did. The octets of all calls, one behind the other, are the journal;
/// <see cref="JournalReplay"/> feeds them into a new endpoint.
/// </summary>
/// <remarks>
/// A journal holds no pre-shared key: the replay is given the configuration. It does hold every random draw, private key-exchange
/// values among them, so it opens the recorded traffic and is to be kept like a key log.
/// </remarks>
public interface IEndpointJournal
{
    /// <summary>Takes one whole record, on the engine's thread; the span ends with the call.</summary>
    void Append(ReadOnlySpan<byte> record);
}
