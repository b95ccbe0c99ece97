using Ipsec.Ike.Outputs;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>The log's view of the events.</summary>
static class EventLogWriter
{
    public static void Log(this ILogger logger, IkeEvent occurred)
    {
        if (!logger.IsEnabled(occurred is MessagePassed or PeerFaultCounted ? LogLevel.Debug : LogLevel.Information))
            return;
        string connection = EventText.ConnectionOf(occurred);
        string text = EventText.Describe(occurred);
        switch (occurred)
        {
            case MessagePassed:
                logger.MessagePassed(connection, text);
                break;
            case IkeSaEstablished:
                logger.IkeSaEstablished(connection, text);
                break;
            case IkeSaClosed { WasEstablished: true }:
                logger.IkeSaClosed(connection, text);
                break;
            case IkeSaClosed:
                logger.IkeAttemptFailed(connection, text);
                break;
            case IkeSaMoved:
                logger.IkeSaMoved(connection, text);
                break;
            case NegotiationRefused:
                logger.NegotiationRefused(connection, text);
                break;
            case PeerFaultCounted:
                logger.PeerFault(connection, text);
                break;
            case ChildSaEstablished:
                logger.ChildSaEstablished(connection, text);
                break;
            case ChildSaClosed:
                logger.ChildSaClosed(connection, text);
                break;
        }
    }
}
