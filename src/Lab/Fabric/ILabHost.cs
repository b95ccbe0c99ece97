using Ipsec.Net;

namespace Ipsec.Lab.Fabric;

/// <summary>A host behind a node, which pings and fetches.</summary>
public interface ILabHost
{
    IpAddress Address { get; }

    /// <summary>Sends one echo request. Exactly one <see cref="EchoOutcome"/> follows, not long after <paramref name="timeout"/> at the latest.</summary>
    /// <param name="dataLength">Octets of ICMP data, as ping's "-s".</param>
    /// <returns>A number by which the ping can be told from the others of the host.</returns>
    ushort Ping(IpAddress destination, int dataLength, TimeSpan timeout, Action<EchoOutcome> completed);

    /// <summary>Fetches so many octets from the HTTP service of another host, every one of them compared. Exactly one outcome follows.</summary>
    void Fetch(IpAddress destination, int octets, TimeSpan timeout, Action<FetchOutcome> completed);
}

/// <summary>What became of a ping.</summary>
/// <param name="RoundTripTime">Null if no reply came.</param>
/// <param name="TooBigMtu">The MTU that a router named when it refused the request.</param>
public readonly record struct EchoOutcome(TimeSpan? RoundTripTime, int? TooBigMtu);

/// <summary>What became of a fetch.</summary>
/// <param name="Time">Lab time from the SYN to the last octet.</param>
/// <param name="Problem">Null where everything came.</param>
public readonly record struct FetchOutcome(int Octets, TimeSpan Time, string? Problem);
