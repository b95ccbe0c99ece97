using System.Collections.Immutable;
using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>Turns the data path's reports into engine calls. A report about an SA that is gone meanwhile is nothing.</summary>
sealed class ReportHandler(IkeEngine engine, TunnelTable tunnels, ChildSaTable childSas, EndpointTimers timers,
    Action<EndpointOutput> emit)
{
    // RFC 7296 §2.4 wants such hints rate-limited: an unprotected packet can claim any SPI.
    static readonly TimeSpan UnknownSpiInterval = TimeSpan.FromSeconds(1);

    public ulong Acquires { get; private set; }
    public ulong AcquiresIgnored { get; private set; }
    public ulong PathChanges { get; private set; }

    public void Handle(DataPathReport report, Instant now)
    {
        switch (report)
        {
            case DataPathReport.SoftLimit(ulong id) when childSas.Contains(id):
                engine.HandleSoftLimit(new ChildSaId(id), now);
                break;
            case DataPathReport.HardLimit(ulong id) when childSas.Contains(id):
                engine.HandleHardLimit(new ChildSaId(id), now);
                break;
            case DataPathReport.FirstInbound(ulong id) when childSas.Contains(id):
                engine.HandleFirstInbound(new ChildSaId(id), now);
                break;
            case DataPathReport.PathChanged(ulong id, NetworkPath path) when childSas.Contains(id):
                PathChanges++;
                engine.HandlePathChanged(new ChildSaId(id), path, now);
                break;
            case DataPathReport.Acquire acquire:
                HandleAcquire(acquire, now);
                break;
            case DataPathReport.UnknownSpi unknown:
                emit(new EndpointEvent(new PeerFaultCounted("unknown-esp-spi", unknown.Path)));
                engine.HandleUnknownSpi(unknown.Spi, unknown.Path, now);
                timers.Set(new EndpointTimer(EndpointTimerKind.UnknownSpiAgain, unknown.Spi), UnknownSpiInterval, now);
                break;
        }
    }

    void HandleAcquire(DataPathReport.Acquire acquire, Instant now)
    {
        if (!tunnels.TryFind(acquire.Tunnel, out Tunnel? tunnel))
            return;
        ConnectionConfiguration connection = tunnel.Configuration.Connection;
        // What the engine does not trap is brought up by the engine itself, or waits for its peer or a command.
        if (!connection.MayTrap || !connection.MayInitiate)
        {
            AcquiresIgnored++;
            return;
        }
        Acquires++;
        engine.HandleAcquire(connection.Name, acquire.Packet, now);
        // Until an SA is installed, waiting packets ask once per RetryDelay, so that a refusing peer is not asked per packet.
        timers.Set(new EndpointTimer(EndpointTimerKind.AcquireAgain, (ulong)acquire.Tunnel), connection.RetryDelay, now);
    }
}
