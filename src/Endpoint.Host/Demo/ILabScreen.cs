using Ipsec.Lab.Run;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Where a lab run is shown.</summary>
interface ILabScreen
{
    void Write(Line line);

    /// <summary>Brings what stands below the lines up to date: tunnels and counters.</summary>
    void Refresh(LabRun run);
}
