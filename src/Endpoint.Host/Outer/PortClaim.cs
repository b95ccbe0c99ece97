using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Outer;

/// <summary>While it is held, no other process of this user looks whether a port is free. Where the runtime folder cannot be written there is none.</summary>
sealed class PortClaim : IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly FileStream? _file;

    PortClaim(FileStream? file) => _file = file;

    public static PortClaim Take()
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < Patience; waited += Pause)
        {
            try
            {
                Directory.CreateDirectory(ControlPaths.DefaultFolder, ControlPaths.OwnerOnly);
                // Held by flock(2) as long as it is open.
                return new PortClaim(new FileStream(Path.Combine(ControlPaths.DefaultFolder, "ports.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException exception) when (exception.HResult == ErrorNumber.TryAgain)
            {
                Thread.Sleep(Pause);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                break;
            }
        }
        return new PortClaim(null);
    }

    public void Dispose() => _file?.Dispose();
}
