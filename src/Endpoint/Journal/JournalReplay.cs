using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Journal;

/// <summary>How a replay ended.</summary>
/// <param name="Inputs">Inputs that were fed in.</param>
/// <param name="Outputs">Outputs that were the same, octet by octet.</param>
/// <param name="Divergence">Null if the replay did the same as the recording to the last record; otherwise where it first differed, in one sentence.</param>
public sealed record JournalReplayResult(int Inputs, int Outputs, string? Divergence)
{
    public bool IsSame => Divergence is null;
}

/// <summary>
/// Feeds a recorded journal into a new endpoint and compares everything that it does with the recording, octet by octet. The
/// random draws, the data path's reports and its answers to liveness come from the journal.
/// </summary>
public static class JournalReplay
{
    /// <param name="configurations">The configuration that the endpoint was made with, then one for each accepted or refused reload, in order.</param>
    /// <param name="hooks">The same hooks as in the recording.</param>
    /// <exception cref="ArgumentException"><paramref name="configurations"/> is empty.</exception>
    public static JournalReplayResult Run(ReadOnlyMemory<byte> journal, IReadOnlyList<EndpointConfiguration> configurations,
        IMessageHooks? hooks = null)
    {
        if (configurations.Count == 0)
            throw new ArgumentException("A replay needs the configuration that was recorded.", nameof(configurations));
        Recording recording = new(journal);
        try
        {
            using IpsecEndpoint endpoint = new(configurations[0], recording, recording, hooks, recording);
            int reloads = 0;
            while (recording.TryPeek(out JournalRecordKind kind, out ReadOnlySpan<byte> body))
            {
                recording.Inputs++;
                Feed(endpoint, kind, body, () => ++reloads < configurations.Count ? configurations[reloads] : null);
                while (endpoint.TryTakeOutput(out EndpointOutput? output))
                    OutputSecrets.Dispose(output);
            }
            return new JournalReplayResult(recording.Inputs, recording.Outputs, recording.IsAtEnd ? null : "The journal ends in the middle of a record.");
        }
        catch (DivergedException diverged)
        {
            return new JournalReplayResult(recording.Inputs, recording.Outputs, diverged.Message);
        }
    }

    static void Feed(IpsecEndpoint endpoint, JournalRecordKind kind, ReadOnlySpan<byte> body, Func<EndpointConfiguration?> nextConfiguration)
    {
        JournalReader reader = new(body);
        Instant now = reader.Time();
        switch (kind)
        {
            case JournalRecordKind.Start when reader.IsValid:
                endpoint.Start(now);
                return;
            case JournalRecordKind.Datagram:
                NetworkPath path = reader.Path();
                ReadOnlySpan<byte> message = reader.Octets();
                if (!reader.IsValid)
                    break;
                endpoint.HandleDatagram(message, path, now);
                return;
            case JournalRecordKind.Timeout when reader.IsValid:
                endpoint.HandleTimeout(now);
                return;
            case JournalRecordKind.Completion:
                var id = new OperationId(reader.Number());
                if (JournalOperations.Read(ref reader) is not OperationResult result || !reader.IsValid)
                    break;
                endpoint.HandleCompletion(id, result, now);
                return;
            case JournalRecordKind.Reports when TryReadReports(ref reader, out List<DataPathReport> reports):
                endpoint.HandleReports(reports, now);
                return;
            case JournalRecordKind.Command:
                JournalCommand command = (JournalCommand)reader.Octet();
                string? connection = reader.Text();
                string? child = reader.Text();
                if (!reader.IsValid || connection is null || !TryCommand(endpoint, command, connection, child, now))
                    break;
                return;
            case JournalRecordKind.Reload when reader.IsValid:
                endpoint.Reload(nextConfiguration() ?? throw new DivergedException("The recording has one more reload than configurations were given."), now);
                return;
            case JournalRecordKind.LocalAddresses when TryReadAddresses(ref reader, out ImmutableArray<IpAddress> addresses):
                endpoint.LocalAddressesChanged(addresses, now);
                return;
            case JournalRecordKind.Shutdown when reader.IsValid:
                endpoint.Shutdown(now);
                return;
        }
        throw new DivergedException($"The journal has a record of kind {kind} where an input should stand, or one that cannot be read.");
    }

    static bool TryCommand(IpsecEndpoint endpoint, JournalCommand command, string connection, string? child, Instant now)
    {
        switch (command)
        {
            case JournalCommand.Initiate:
                endpoint.Initiate(connection, child, now);
                return true;
            case JournalCommand.RekeyIke:
                endpoint.RekeyIke(connection, now);
                return true;
            case JournalCommand.RekeyChild:
                endpoint.RekeyChild(connection, child, now);
                return true;
            case JournalCommand.Terminate:
                endpoint.Terminate(connection, now);
                return true;
            case JournalCommand.Redirect when child is not null:
                endpoint.Redirect(connection, child, now);
                return true;
            default:
                return false;
        }
    }

    static bool TryReadAddresses(ref JournalReader reader, out ImmutableArray<IpAddress> addresses)
    {
        ImmutableArray<IpAddress>.Builder read = ImmutableArray.CreateBuilder<IpAddress>();
        ulong count = reader.Number();
        for (ulong i = 0; i < count && reader.IsValid; i++)
            read.Add(reader.Address());
        addresses = read.ToImmutable();
        return reader.IsValid;
    }

    static bool TryReadReports(ref JournalReader reader, out List<DataPathReport> reports)
    {
        reports = [];
        ulong count = reader.Number();
        for (ulong i = 0; i < count && reader.IsValid; i++)
        {
            DataPathReport? report = (JournalReport)reader.Octet() switch
            {
                JournalReport.SoftLimit => new DataPathReport.SoftLimit(reader.Number()),
                JournalReport.HardLimit => new DataPathReport.HardLimit(reader.Number()),
                JournalReport.Acquire => new DataPathReport.Acquire((int)reader.Number(),
                    new PacketFlow(reader.Address(), reader.Address(), reader.Octet(), Port(reader.Number()), Port(reader.Number()))),
                JournalReport.PathChanged => new DataPathReport.PathChanged(reader.Number(), reader.Path()),
                JournalReport.FirstInbound => new DataPathReport.FirstInbound(reader.Number()),
                JournalReport.UnknownSpi => new DataPathReport.UnknownSpi((uint)reader.Number(), reader.Path()),
                _ => null,
            };
            if (report is null)
                return false;
            reports.Add(report);
        }
        return reader.IsValid;
    }

    static ushort? Port(ulong number) => number == 0 ? null : (ushort)(number - 1);

    /// <summary>
    /// The cursor into a recorded journal. To the replaying endpoint it is journal, random source and liveness at once: what the endpoint
    /// appends must be what comes next, and what it asks for is answered from what comes next.
    /// </summary>
    sealed class Recording(ReadOnlyMemory<byte> journal) : IEndpointJournal, IRandomSource, IChildTraffic
    {
        int _position;
        int _record;

        public int Inputs { get; set; }
        public int Outputs { get; private set; }

        public bool IsAtEnd => _position == journal.Length;

        public bool TryPeek(out JournalRecordKind kind, out ReadOnlySpan<byte> body) =>
            JournalReader.TryReadRecord(journal.Span[_position..], out kind, out _, out body);

        public void Append(ReadOnlySpan<byte> record)
        {
            var kind = (JournalRecordKind)record[0];
            if (!journal.Span[_position..].StartsWith(record))
            {
                throw new DivergedException(kind == JournalRecordKind.Header
                    ? "The journal was recorded with another configuration, or by another format version."
                    : $"Record {_record} at octet {_position} is {Describe()} in the recording; the replay did {kind}, or one with other content.");
            }
            if (kind >= JournalRecordKind.DatagramSent)
                Outputs++;
            _position += record.Length;
            _record++;
        }

        public void Fill(Span<byte> destination)
        {
            JournalReader reader = Answer(JournalRecordKind.RandomDrawn);
            ReadOnlySpan<byte> octets = reader.Octets();
            if (octets.Length != destination.Length)
                throw new DivergedException($"Record {_record}: the replay drew {destination.Length} octets, the recording {octets.Length}.");
            octets.CopyTo(destination);
        }

        public ulong InboundPackets(ChildSaId id) => Packets(id);

        public ulong OutboundPackets(ChildSaId id) => Packets(id);

        ulong Packets(ChildSaId id)
        {
            JournalReader reader = Answer(JournalRecordKind.TrafficAnswered);
            return reader.Number() == id.Value ? reader.Number() : 0;
        }

        JournalReader Answer(JournalRecordKind wanted)
        {
            if (!TryPeek(out JournalRecordKind kind, out ReadOnlySpan<byte> body) || kind != wanted)
                throw new DivergedException($"Record {_record} was {Describe()} in the recording; the replay asked for {wanted}.");
            return new JournalReader(body);
        }

        string Describe() => IsAtEnd ? "the end" : TryPeek(out JournalRecordKind kind, out _) ? kind.ToString() : "unreadable";
    }

    /// <summary>Leaves the replaying endpoint at the first difference, from however deep inside; never seen by a caller.</summary>
    sealed class DivergedException(string message) : Exception(message);
}
