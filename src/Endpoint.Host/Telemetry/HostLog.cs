using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>Every log line of the host, with stable event ids: 1–99 the host itself, 100–199 IKE, 200–299 child SAs, 900–999 faults of ours.</summary>
static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "Ready: {Node} of {Topology} on {Addresses}, UDP {IkePort} and {NatTraversalPort}, inner side {Inner}, control socket {Control}")]
    public static partial void Ready(this ILogger logger, string node, string topology, string addresses, int ikePort, int natTraversalPort, string inner, string control);

    [LoggerMessage(16, LogLevel.Information, "Packets of {Node}: {Description}")]
    public static partial void PacketsMove(this ILogger logger, string node, string description);

    [LoggerMessage(2, LogLevel.Information, "Stopping: deleting the SAs")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "{Refusals}: ESP travels in UDP on every connection")]
    public static partial void RawEspNotPermitted(this ILogger logger, string refusals);

    [LoggerMessage(5, LogLevel.Warning, "{Family} forwarding is off ({Setting} is 0): only this machine itself can use the tunnels")]
    public static partial void ForwardingOff(this ILogger logger, string family, string setting);

    [LoggerMessage(6, LogLevel.Information, "Inner routes: {Routes}")]
    public static partial void InnerRoutes(this ILogger logger, string routes);

    [LoggerMessage(7, LogLevel.Warning, "{Refusal}")]
    public static partial void InnerRouteRefused(this ILogger logger, string refusal);

    [LoggerMessage(34, LogLevel.Information, "Inner addresses: {Addresses}")]
    public static partial void InnerAddresses(this ILogger logger, string addresses);

    [LoggerMessage(35, LogLevel.Warning, "{Refusal}")]
    public static partial void InnerAddressRefused(this ILogger logger, string refusal);

    [LoggerMessage(8, LogLevel.Information, "Reloaded {File}")]
    public static partial void Reloaded(this ILogger logger, string file);

    [LoggerMessage(9, LogLevel.Error, "Reload refused, nothing changed: {Reason}")]
    public static partial void ReloadRefused(this ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Sending failed on {Path}: {Error} ({Count} datagrams so far)")]
    public static partial void SendFailed(this ILogger logger, NetworkPath path, string error, ulong count);

    [LoggerMessage(11, LogLevel.Warning, "Keys are written to {Directory}: whoever reads them reads the traffic")]
    public static partial void KeyLogOn(this ILogger logger, string directory);

    [LoggerMessage(12, LogLevel.Error, "The key log cannot be written: {Error}")]
    public static partial void KeyLogFailed(this ILogger logger, string error);

    [LoggerMessage(13, LogLevel.Warning, "The peers did not all answer to DELETE in time")]
    public static partial void ShutdownTimedOut(this ILogger logger);

    [LoggerMessage(15, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigurationWarning(this ILogger logger, string warning);

    [LoggerMessage(14, LogLevel.Error, "TUN device {Name} cannot be read ({Error}): it is made anew")]
    public static partial void InnerSideLost(this ILogger logger, string name, string error);

    [LoggerMessage(30, LogLevel.Information, "TUN device {Name} is there again")]
    public static partial void InnerSideIsBack(this ILogger logger, string name);

    [LoggerMessage(31, LogLevel.Information, "Outer addresses: {Addresses}")]
    public static partial void OuterAddresses(this ILogger logger, string addresses);

    [LoggerMessage(32, LogLevel.Warning, "The address {Address} is not used: {Reason}")]
    public static partial void OuterAddressRefused(this ILogger logger, IpAddress address, string reason);

    [LoggerMessage(33, LogLevel.Information, "{Connection}: {Text}")]
    public static partial void IkeSaMoved(this ILogger logger, string connection, string text);

    [LoggerMessage(40, LogLevel.Warning, "{Address} is not served any more: {Machine} goes away ({Kind})")]
    public static partial void InstanceStopped(this ILogger logger, string address, string machine, string kind);

    [LoggerMessage(41, LogLevel.Information, "{Address} is served by {Machine}")]
    public static partial void InstanceStarted(this ILogger logger, string address, string machine);

    [LoggerMessage(42, LogLevel.Error, "{Machine} cannot serve its address: {Reason}")]
    public static partial void InstanceNotStarted(this ILogger logger, string machine, string reason);

    [LoggerMessage(100, LogLevel.Debug, "{Connection}: {Text}")]
    public static partial void MessagePassed(this ILogger logger, string connection, string text);

    [LoggerMessage(101, LogLevel.Information, "{Connection}: {Text}")]
    public static partial void IkeSaEstablished(this ILogger logger, string connection, string text);

    [LoggerMessage(102, LogLevel.Information, "{Connection}: {Text}")]
    public static partial void IkeSaClosed(this ILogger logger, string connection, string text);

    [LoggerMessage(103, LogLevel.Warning, "{Connection}: {Text}")]
    public static partial void IkeAttemptFailed(this ILogger logger, string connection, string text);

    [LoggerMessage(104, LogLevel.Warning, "{Connection}: {Text}")]
    public static partial void NegotiationRefused(this ILogger logger, string connection, string text);

    [LoggerMessage(105, LogLevel.Debug, "{Connection}: {Text}")]
    public static partial void PeerFault(this ILogger logger, string connection, string text);

    [LoggerMessage(200, LogLevel.Information, "{Connection}: {Text}")]
    public static partial void ChildSaEstablished(this ILogger logger, string connection, string text);

    [LoggerMessage(201, LogLevel.Information, "{Connection}: {Text}")]
    public static partial void ChildSaClosed(this ILogger logger, string connection, string text);

    [LoggerMessage(900, LogLevel.Error, "A fault in the engine; the turn is lost, the endpoint goes on")]
    public static partial void EngineFault(this ILogger logger, Exception exception);

    [LoggerMessage(901, LogLevel.Error, "A fault in the data path; the packet is lost, the endpoint goes on")]
    public static partial void WorkerFault(this ILogger logger, Exception exception);
}
