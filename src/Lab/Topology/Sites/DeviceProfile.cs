using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>What a kind of device does where the file says nothing.</summary>
sealed record DeviceProfile(string Name, DeviceSettings Settings)
{
    /// <summary>What charon 5.9 offers by itself, as far as this stack has the algorithms, in its order.</summary>
    public static ImmutableArray<AlgorithmProposal> StrongSwanProposals { get; } = Sites.Proposals.Parse(ProtocolId.Ike,
        "aes128-aes192-aes256-3des-sha256-sha384-sha512-sha1-prfsha256-prfsha384-prfsha512-prfsha1-curve25519-ecp256-ecp384-modp2048",
        "aes128gcm16-aes256gcm16-prfsha256-prfsha384-prfsha512-prfsha1-curve25519-ecp256-ecp384-modp2048");

    public static ImmutableArray<AlgorithmProposal> StrongSwanEspProposals { get; } = Sites.Proposals.Parse(ProtocolId.Esp,
        "aes128gcm16-aes256gcm16",
        "aes128-aes192-aes256-sha256-sha384-sha512-sha1");

    public static ImmutableArray<DeviceProfile> All { get; } = [StrongSwan(), AzureSample()];

    public static DeviceProfile? Find(string name) => All.FirstOrDefault(profile => profile.Name == name);

    /// <summary>
    /// strongSwan with a swanctl.conf that names no proposals; lifetimes and their margins are swanctl's defaults.
    /// </summary>
    static DeviceProfile StrongSwan() => new("strongswan", new DeviceSettings
    {
        Proposals = StrongSwanProposals,
        EspProposals = StrongSwanEspProposals,
        StartAction = StartAction.Start,
        MssClamp = 1350,
        IkeLifetime = Lived(TimeSpan.FromHours(4)),
        ChildLifetime = Lived(TimeSpan.FromHours(1)),
        DeadPeerDetectionDelay = TimeSpan.FromSeconds(30),
        RetryDelay = TimeSpan.FromSeconds(5),
    });

    /// <summary>Microsoft's recommendation for a device that meets a gateway with the default policy: one suite of each kind, PFS off.</summary>
    static DeviceProfile AzureSample() => new("azure-sample", new DeviceSettings
    {
        Proposals = Sites.Proposals.Parse(ProtocolId.Ike, "aes256-sha256-modp1024"),
        EspProposals = Sites.Proposals.Parse(ProtocolId.Esp, "aes256gcm16"),
        StartAction = StartAction.Start,
        MssClamp = 1350,
        IkeLifetime = Exactly(TimeSpan.FromSeconds(28_800)),
        ChildLifetime = Exactly(TimeSpan.FromSeconds(27_000)),
        DeadPeerDetectionDelay = TimeSpan.FromSeconds(30),
        RetryDelay = TimeSpan.FromSeconds(5),
    });

    /// <summary>A tenth over the rekey time until the end, and as much drawn off it.</summary>
    static Lifetime Lived(TimeSpan rekey) => new() { RekeyTime = rekey, HardTime = rekey * 1.1, RekeyJitter = rekey / 10 };

    /// <summary>An end that is fixed, and nine tenths of it until the rekey.</summary>
    static Lifetime Exactly(TimeSpan hard) => new() { RekeyTime = hard * 0.9, HardTime = hard, RekeyJitter = hard / 20 };
}
