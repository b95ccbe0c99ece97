using Ipsec.Ike.Engine;
using Ipsec.Simulation.Cells;

namespace Ipsec.Simulation;

/// <summary>What must hold of a cell when its network is quiet.</summary>
static class Settlement
{
    /// <summary>What is not yet as it must be; null if nothing is.</summary>
    public static string? FindFault(Cell cell)
    {
        foreach (Tunnel tunnel in cell.Tunnels)
        {
            if (tunnel.FindFault(out _) is string fault)
                return $"tunnel {tunnel.Index}: {fault}";
        }
        foreach (Node node in cell.Nodes)
        {
            if (FindExcess(node) is string excess)
                return $"{node.Name}: {excess}";
        }
        // Whoever was sent away has another IKE SA by now, and the gateway has closed its own.
        if (cell.Gateway is { } gateway && gateway.Endpoint!.Engine.Figures.EstablishedIkeSas is > 0 and int kept)
            return $"{gateway.Name}: keeps {kept} IKE SAs of those that it redirected";
        return null;
    }

    /// <summary>Nothing but what the connections need: one IKE SA each in force, as many ESP SAs and SPIs as child SAs.</summary>
    static string? FindExcess(Node node)
    {
        EngineFigures engine = node.Endpoint!.Engine.Figures;
        (int associations, int spis) = node.Endpoint.DataPath.Figures;
        int connected = node.Endpoint.Engine.GetStatus(node.Now).Connections.Sum(connection => connection.IkeSas.Length);
        if (engine.EstablishedIkeSas != connected)
            return $"{engine.EstablishedIkeSas} established IKE SAs for {connected} that connections know";
        if (associations != engine.ChildSas || spis != engine.ChildSas)
            return $"{engine.ChildSas} child SAs, {associations} ESP SAs, {spis} SPIs given out";
        return null;
    }

    /// <summary>Bounds that a tunnel with three children never comes near unless something is kept for ever.</summary>
    public static string? FindExcessOfMemory(Node node, int tunnels)
    {
        const int ikeSas = 40;
        const int childSas = 30;
        const int timers = 150;
        if (node.Endpoint is null)
            return null;
        EngineFigures engine = node.Endpoint.Engine.Figures;
        (int associations, int spis) = node.Endpoint.DataPath.Figures;
        return engine.IkeSas > ikeSas * tunnels || engine.ChildSas > childSas * tunnels || engine.Timers > timers * tunnels
            || associations > childSas * tunnels || spis > childSas * tunnels
            ? $"keeps too much: {engine}, {associations} ESP SAs, {spis} SPIs; {string.Join("; ", node.Endpoint.Engine.DescribeIkeSas())}" : null;
    }

    /// <summary>After everything was deleted and answered: what is left behind; null if nothing is.</summary>
    public static string? FindRemains(Node node)
    {
        if (node.Endpoint is null)
            return "is down";
        EngineFigures engine = node.Endpoint.Engine.Figures;
        (int associations, int spis) = node.Endpoint.DataPath.Figures;
        if (engine is { IkeSas: 0, ChildSas: 0, HalfOpen: 0, Timers: 0 } && associations == 0 && spis == 0 && node.Endpoint.NextTimeout is null)
            return null;
        return $"left behind: {engine}, {associations} ESP SAs, {spis} SPIs, next timeout {node.Endpoint.NextTimeout}; "
            + string.Join("; ", node.Endpoint.Engine.DescribeIkeSas());
    }
}
