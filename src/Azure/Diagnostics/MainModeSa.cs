using System.Collections.Immutable;
using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
using Ipsec.Net;

namespace Ipsec.Azure.Diagnostics;

/// <summary>One element of the answer to <c>getikesas</c>: an IKE SA, in Azure's members.</summary>
/// <param name="InitiatorCookie">The initiator's SPI as a number; Azure keeps IKEv1's word.</param>
/// <param name="LocalUdpEncapsulationPort">0 where there is no NAT traversal.</param>
/// <param name="Integrity">The pseudorandom function where the encryption has an integrity of its own.</param>
/// <param name="LifeTimeSeconds">The lifetime of the policy, not what is left of it.</param>
public sealed record MainModeSa(string LocalEndpoint, string RemoteEndpoint, ulong InitiatorCookie, ulong ResponderCookie,
    ushort LocalUdpEncapsulationPort, ushort RemoteUdpEncapsulationPort, string Encryption, string Integrity, string DhGroup,
    long LifeTimeSeconds, bool IsSaInitiator, long ElapsedTimeInseconds, ImmutableArray<QuickModeSa> QuickModeSa)
{
    internal static MainModeSa Of(IkeSaStatus sa, ImmutableArray<ChildSaStatus> children, IpsecPolicy? policy)
    {
        bool isEncapsulated = sa.Path.Encapsulation == PathEncapsulation.UdpEncapsulated;
        string local = sa.Path.Local.Address.ToString();
        string remote = sa.Path.Remote.Address.ToString();
        return new MainModeSa(local, remote, sa.InitiatorSpi, sa.ResponderSpi,
            isEncapsulated ? sa.Path.Local.Port : (ushort)0, isEncapsulated ? sa.Path.Remote.Port : (ushort)0,
            AlgorithmNames.Encryption(sa.Suite), AlgorithmNames.Integrity(sa.Suite), AlgorithmNames.Group(sa.Suite),
            DefaultPolicy.MainModeLifetimeSeconds, sa.IsInitiator, (long)sa.Age.TotalSeconds,
            [.. children.Select(child => Diagnostics.QuickModeSa.Of(child, local, remote, policy))]);
    }
}

/// <summary>A child SA, in the members of <c>quickModeSa</c>.</summary>
/// <param name="PfsGroupId">In the spelling of <c>pfsGroup</c>; "None" for the child SA that came with the IKE SA.</param>
/// <param name="LifetimeKilobytes">The lifetime of the policy, not what is left of it.</param>
public sealed record QuickModeSa(string LocalEndpoint, string RemoteEndpoint, string Encryption, string Integrity, string PfsGroupId,
    uint InboundSPI, uint OutboundSPI, ImmutableArray<string> LocalTrafficSelectors, ImmutableArray<string> RemoteTrafficSelectors,
    long LifetimeKilobytes, long LifeTimeSeconds, long ElapsedTimeInseconds)
{
    internal static QuickModeSa Of(ChildSaStatus child, string local, string remote, IpsecPolicy? policy) => new(local, remote,
        AlgorithmNames.Encryption(child.Suite), AlgorithmNames.Integrity(child.Suite), AlgorithmNames.Group(child.Suite),
        child.InboundSpi, child.OutboundSpi,
        [.. child.LocalSelectors.Select(selector => selector.ToString())], [.. child.RemoteSelectors.Select(selector => selector.ToString())],
        policy?.SaDataSizeKilobytes ?? DefaultPolicy.QuickModeLifetimeKilobytes, policy?.SaLifeTimeSeconds ?? DefaultPolicy.QuickModeLifetimeSeconds,
        (long)child.Age.TotalSeconds);
}
