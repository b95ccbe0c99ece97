using System.Runtime.InteropServices;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>SIGHUP reads the topology file again.</summary>
sealed class ReloadSignal : IDisposable
{
    readonly PosixSignalRegistration _registration;

    public ReloadSignal(NodeService node) => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        _ = node.TryReloadAsync();
    });

    public void Dispose() => _registration.Dispose();
}
