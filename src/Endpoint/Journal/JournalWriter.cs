using System.Collections.Immutable;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Journal;

/// <summary>Puts what happens on the engine face into records.</summary>
sealed class JournalWriter(IEndpointJournal journal)
{
    public const byte FormatVersion = 1;

    readonly JournalBuffer _body = new();
    readonly JournalBuffer _record = new();

    /// <summary>"IPJ": the first three octets of the header's body.</summary>
    public static ReadOnlySpan<byte> Magic => "IPJ"u8;

    public void Header(EndpointConfiguration configuration) =>
        Append(JournalRecordKind.Header, Names(Body().Octets(Magic).Octet(FormatVersion), configuration));

    public void Start(Instant now) => Append(JournalRecordKind.Start, Body().Time(now));

    public void Datagram(ReadOnlySpan<byte> message, NetworkPath path, Instant now) =>
        Append(JournalRecordKind.Datagram, Body().Time(now).Path(path).Octets(message));

    public void Timeout(Instant now) => Append(JournalRecordKind.Timeout, Body().Time(now));

    public void Command(JournalCommand command, string connection, string? child, Instant now) =>
        Append(JournalRecordKind.Command, Body().Time(now).Octet((byte)command).Text(connection).Text(child));

    public void Reload(EndpointConfiguration configuration, Instant now) =>
        Append(JournalRecordKind.Reload, Names(Body().Time(now), configuration));

    public void LocalAddresses(ImmutableArray<IpAddress> addresses, Instant now)
    {
        JournalBuffer body = Body().Time(now).Number((ulong)addresses.Length);
        foreach (IpAddress address in addresses)
            body.Address(address);
        Append(JournalRecordKind.LocalAddresses, body);
    }

    public void Shutdown(Instant now) => Append(JournalRecordKind.Shutdown, Body().Time(now));

    public void Completion(OperationId id, OperationResult result, Instant now) =>
        Append(JournalRecordKind.Completion, JournalOperations.Write(Body().Time(now).Number(id.Value), result));

    public void Reports(IReadOnlyList<DataPathReport> reports, Instant now)
    {
        JournalBuffer body = Body().Time(now).Number((ulong)reports.Count);
        foreach (DataPathReport report in reports)
        {
            switch (report)
            {
                case DataPathReport.SoftLimit(ulong id):
                    body.Octet((byte)JournalReport.SoftLimit).Number(id);
                    break;
                case DataPathReport.HardLimit(ulong id):
                    body.Octet((byte)JournalReport.HardLimit).Number(id);
                    break;
                case DataPathReport.Acquire acquire:
                    body.Octet((byte)JournalReport.Acquire).Number((ulong)acquire.Tunnel)
                        .Address(acquire.Packet.Source).Address(acquire.Packet.Destination).Octet(acquire.Packet.Protocol)
                        .Number(PortNumber(acquire.Packet.SourcePort)).Number(PortNumber(acquire.Packet.DestinationPort));
                    break;
                case DataPathReport.PathChanged(ulong id, NetworkPath path):
                    body.Octet((byte)JournalReport.PathChanged).Number(id).Path(path);
                    break;
                case DataPathReport.FirstInbound(ulong id):
                    body.Octet((byte)JournalReport.FirstInbound).Number(id);
                    break;
                case DataPathReport.UnknownSpi(uint spi, NetworkPath path):
                    body.Octet((byte)JournalReport.UnknownSpi).Number(spi).Path(path);
                    break;
                default:
                    throw new InvalidOperationException($"The journal has no form for the report {report.GetType().Name}.");
            }
        }
        Append(JournalRecordKind.Reports, body);
    }

    /// <summary>0: none can be seen.</summary>
    static ulong PortNumber(ushort? port) => port is ushort visible ? visible + 1UL : 0;

    public void Drawn(ReadOnlySpan<byte> octets) => Append(JournalRecordKind.RandomDrawn, Body().Octets(octets));

    /// <param name="spi">0: none was free.</param>
    public void SpiAllocated(uint spi) => Append(JournalRecordKind.SpiAllocated, Body().Number(spi));

    public void TrafficAnswered(ulong id, ulong packets) => Append(JournalRecordKind.TrafficAnswered, Body().Number(id).Number(packets));

    public void CommandAnswered(CommandResult result) => Append(JournalRecordKind.CommandAnswered, Body().Text(result.Error));

    public void Installed(TunnelSaParameters sa) => Append(JournalRecordKind.Installed, Body()
        .Number(sa.Id).Number((ulong)sa.Tunnel).Number(sa.InboundSpi).Number(sa.OutboundSpi)
        .Number((ulong)sa.Transforms.Encryption.Algorithm).Number((ulong)sa.Transforms.Encryption.KeyBits)
        .Number((ulong)sa.Transforms.Integrity).Flag(sa.Transforms.ExtendedSequenceNumbers)
        .Selectors(sa.LocalSelectors).Selectors(sa.RemoteSelectors).Flag(sa.TransportMode is not null).Path(sa.Path)
        .Flag(sa.OutboundWaits).Number(sa.Replaces is ulong replaced ? replaced + 1 : 0).Number((ulong)sa.ReplayWindow)
        .Number(sa.SoftBytes ?? 0).Number(sa.HardBytes ?? 0).Number(sa.SoftPackets ?? 0).Number(sa.HardPackets ?? 0));

    public void OutboundRemoved(ulong id) => Append(JournalRecordKind.OutboundRemoved, Body().Number(id));

    public void Activated(ulong id) => Append(JournalRecordKind.Activated, Body().Number(id));

    public void Removed(ulong id) => Append(JournalRecordKind.Removed, Body().Number(id));

    public void PathSet(ulong id, NetworkPath path) => Append(JournalRecordKind.PathSet, Body().Number(id).Path(path));

    public void Output(EndpointOutput output)
    {
        JournalBuffer body = Body();
        switch (output)
        {
            case SendDatagram send:
                Append(JournalRecordKind.DatagramSent, body.Path(send.Path).Octets(send.Datagram.Span));
                break;
            case InnerRoutesChanged changed:
                body.Number((ulong)changed.Routes.Length);
                foreach (IpPrefix route in changed.Routes)
                    body.Prefix(route);
                Append(JournalRecordKind.InnerRoutesChanged, body);
                break;
            case InnerAddressesChanged changed:
                body.Number((ulong)changed.Addresses.Length);
                foreach (VirtualAddresses addresses in changed.Addresses)
                {
                    body.Text(addresses.Connection).Number((ulong)addresses.Configuration.Addresses.Length);
                    foreach (AssignedAddress address in addresses.Configuration.Addresses)
                        body.Address(address.Address).Octet((byte)address.PrefixLength);
                }
                Append(JournalRecordKind.InnerAddressesChanged, body);
                break;
            case EndpointEvent occurred:
                JournalEvents.Write(body, occurred.Event);
                Append(JournalRecordKind.Event, body);
                break;
            case EspKeysInstalled keys:
                // That keys were handed to the key log, not the keys.
                Append(JournalRecordKind.EspKeysInstalled, body.Number(keys.InboundSpi).Number(keys.OutboundSpi));
                break;
            case EndpointOperation asked:
                Append(JournalRecordKind.OperationRequested, JournalOperations.Write(body, asked.Operation));
                break;
            case EndpointClosed:
                Append(JournalRecordKind.Closed, body);
                break;
            default:
                throw new InvalidOperationException($"The journal has no form for the output {output.GetType().Name}.");
        }
    }

    static JournalBuffer Names(JournalBuffer body, EndpointConfiguration configuration) =>
        body.Text(configuration.Name).Texts([.. configuration.Tunnels.Select(tunnel => tunnel.Connection.Name)]);

    JournalBuffer Body()
    {
        _body.Clear();
        return _body;
    }

    void Append(JournalRecordKind kind, JournalBuffer body)
    {
        _record.Clear();
        _record.Octet((byte)kind).Octets(body.Written);
        journal.Append(_record.Written);
    }
}
