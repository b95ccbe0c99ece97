namespace Ipsec.Azure.Instances;

/// <summary>What the owner of a <see cref="GatewayLifecycle"/> has to do, in order.</summary>
/// <param name="Endpoint">Index of the IP configuration: the public address that is served.</param>
/// <param name="Machine">The one of the two machines that is meant, 0 or 1.</param>
public abstract record LifecycleOutput(int Endpoint, int Machine)
{
    /// <summary>As Azure's logs call it (reference §4.11).</summary>
    public string MachineName => NameOf(Machine);

    /// <summary>The name of a machine by its number, 0 or 1.</summary>
    public static string NameOf(int machine) => $"GatewayTenantWorker_IN_{machine}";
}

/// <summary>The address is not served any more.</summary>
/// <param name="Kind">Planned: its SAs are to be deleted first.</param>
public sealed record EndpointStopped(int Endpoint, int Machine, FailoverKind Kind) : LifecycleOutput(Endpoint, Machine);

/// <summary>The address is served by this machine, which knows no SA of the time before.</summary>
public sealed record EndpointStarted(int Endpoint, int Machine) : LifecycleOutput(Endpoint, Machine);
