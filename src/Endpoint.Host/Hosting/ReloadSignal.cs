using System.Runtime.InteropServices;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// SIGHUP reads the topology file again. It is registered before anything else is done, because the signal's default is to end the process: what
/// comes before the node runs is done once it does.
/// </summary>
sealed class ReloadSignal : IDisposable
{
    readonly PosixSignalRegistration _registration;
    readonly Lock _lock = new();
    NodeService? _node;
    bool _isWaiting;

    public ReloadSignal() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        Reload();
    });

    /// <summary>The node is ready.</summary>
    public void Serve(NodeService node)
    {
        lock (_lock)
            _node = node;
        if (_isWaiting)
            Reload();
    }

    public void Dispose() => _registration.Dispose();

    void Reload()
    {
        NodeService? node;
        lock (_lock)
        {
            node = _node;
            _isWaiting = node is null;
        }
        _ = node?.TryReloadAsync();
    }
}
