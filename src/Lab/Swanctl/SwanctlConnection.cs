using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Lab.Swanctl;

/// <summary>One connection of a swanctl.conf in this project's terms.</summary>
/// <param name="LocalAddresses">Single addresses of local_addrs; empty where any address of the machine serves.</param>
/// <param name="Local">How it proves itself.</param>
/// <param name="Remote">What it demands of its peer.</param>
/// <param name="SpeaksIkev2">False for "version = 1".</param>
sealed record SwanctlConnection(ConnectionConfiguration Connection, ImmutableArray<IpAddress> LocalAddresses, SwanctlAuthentication Local,
    SwanctlAuthentication Remote, bool SpeaksIkev2);

/// <summary>The "auth" of a swanctl.conf, as far as it decides whether two sides fit.</summary>
enum SwanctlAuthentication
{
    PresharedKey,

    /// <summary>Certificates or raw public keys, which stand in other files.</summary>
    PublicKey,
    Eap,
}
