namespace Ipsec.Endpoint.Routing;

/// <summary>Which child SAs send, as far as routes depend on it.</summary>
interface ISendingChildSas
{
    /// <summary>Counts the changes of policy-based tunnels.</summary>
    int Version { get; }

    /// <summary>Counts how often a tunnel got its first SA or lost its last one.</summary>
    int UpAndDowns { get; }

    /// <summary>Those of one tunnel.</summary>
    IReadOnlyCollection<InstalledChildSa> SendingIn(int tunnel);
}
