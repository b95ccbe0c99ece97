namespace Ipsec.EndpointHost.Control;

/// <summary>What a POST to the control API asks for; the path says it in lower case with hyphens.</summary>
enum ControlCommand
{
    Initiate,
    Rekey,
    Terminate,
    Redirect,

    /// <summary>ARM's resetConnection.</summary>
    ResetConnection,

    /// <summary>ARM's reset of a gateway.</summary>
    Reset,
    Failover,
    Maintenance,
    Reload,
}
