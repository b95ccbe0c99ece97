using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure;

/// <summary>The difference of two environments: which instances of which gateways have another configuration. Both have passed their rules.</summary>
public static class AzureChanges
{
    /// <summary>
    /// In the order of the gateways as they are now, those that are gone at the end. An instance whose configuration is the same by value is not
    /// among them.
    /// </summary>
    public static ImmutableArray<InstanceChange> Between(AzureEnvironment before, AzureEnvironment after)
    {
        ImmutableArray<InstanceChange>.Builder changes = ImmutableArray.CreateBuilder<InstanceChange>();
        (string Gateway, int Instance)[] now = [.. Instances(after)];
        foreach ((string gateway, int instance) in now.Concat(Instances(before).Except(now)))
        {
            EndpointConfiguration? old = Expand(before, gateway, instance);
            EndpointConfiguration? next = Expand(after, gateway, instance);
            if (Between(gateway, instance, old, next) is InstanceChange change)
                changes.Add(change);
            else
                DisposeKeys(next);
            DisposeKeys(old);
        }
        return changes.ToImmutable();
    }

    /// <summary>What becomes of one instance; null where nothing does.</summary>
    /// <param name="before">Null where the instance is new.</param>
    /// <param name="after">Null where it is gone.</param>
    public static InstanceChange? Between(string gateway, int instance, EndpointConfiguration? before, EndpointConfiguration? after)
    {
        if (before is null && after is null)
            return null;
        if (before is null || after is null || !HaveSameFrame(before, after))
            return new InstanceChange { Gateway = gateway, Instance = instance, Endpoint = after, MustStart = after is not null };
        ImmutableArray<string> reset =
        [
            .. after.Tunnels.Where(tunnel => Find(before, tunnel) is TunnelConfiguration old && old.Connection == tunnel.Connection
                && !HaveSameKey(KeyOf(before, old), KeyOf(after, tunnel))).Select(tunnel => tunnel.Connection.Name),
        ];
        bool isSame = reset.IsEmpty && before.Transit == after.Transit && before.Shaper == after.Shaper
            && before.LocalNetworks.SequenceEqual(after.LocalNetworks)
            && HaveSameVendorIds(before, after)
            && before.Tunnels.Length == after.Tunnels.Length
            && before.Tunnels.Zip(after.Tunnels).All(pair => AreSame(pair.First, pair.Second));
        return isSame ? null : new InstanceChange { Gateway = gateway, Instance = instance, Endpoint = after, MustStart = false, TunnelsToReset = reset };
    }

    /// <summary>What a running endpoint cannot change.</summary>
    static bool HaveSameFrame(EndpointConfiguration before, EndpointConfiguration after) =>
        before.Name == after.Name && before.LocalAddresses.SequenceEqual(after.LocalAddresses)
        && before.IkePort == after.IkePort && before.NatTraversalPort == after.NatTraversalPort && before.Inner == after.Inner;

    static bool HaveSameVendorIds(EndpointConfiguration before, EndpointConfiguration after) =>
        before.Ike.VendorIds.Length == after.Ike.VendorIds.Length
        && before.Ike.VendorIds.Zip(after.Ike.VendorIds).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span));

    static bool AreSame(TunnelConfiguration before, TunnelConfiguration after) =>
        before.Connection == after.Connection && before.MssClamp == after.MssClamp
        && before.Routes.SequenceEqual(after.Routes) && before.Nat.SequenceEqual(after.Nat);

    static TunnelConfiguration? Find(EndpointConfiguration configuration, TunnelConfiguration tunnel) =>
        configuration.Tunnels.FirstOrDefault(candidate => candidate.Connection.Name == tunnel.Connection.Name);

    /// <summary>A gateway has its keys by the peer's address.</summary>
    static PresharedKey? KeyOf(EndpointConfiguration configuration, TunnelConfiguration tunnel) =>
        configuration.PresharedKeys.FirstOrDefault(key => key.RemoteAddress == tunnel.Connection.RemoteAddress);

    static bool HaveSameKey(PresharedKey? before, PresharedKey? after) =>
        before is null ? after is null : after is not null && before.Key.Span.SequenceEqual(after.Key.Span);

    static IEnumerable<(string Gateway, int Instance)> Instances(AzureEnvironment environment) =>
        from gateway in environment.VpnGateways
        from instance in Enumerable.Range(0, gateway.IpConfigurations.Length)
        select (gateway.Name, instance);

    static EndpointConfiguration? Expand(AzureEnvironment environment, string name, int instance) =>
        environment.FindGateway(name) is { IsVpn: true } gateway && instance < gateway.IpConfigurations.Length
            ? AzureExpansion.Expand(environment, gateway, instance)
            : null;

    static void DisposeKeys(EndpointConfiguration? endpoint)
    {
        foreach (Secret key in endpoint?.PresharedKeys.Select(preshared => preshared.Key) ?? [])
            key.Dispose();
    }
}
