using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Ike.Configuration;

/// <summary>How a connection uses MOBIKE (RFC 4555) once its peer has announced it too.</summary>
public sealed record MobikeOptions
{
    /// <summary>
    /// ESP goes to a new address of the peer only when an answer has come from there (RFC 4555 §3.7: by default the check SHOULD be done before).
    /// Off, it goes there at once, and an authenticated peer could send it to a third party.
    /// </summary>
    public bool CheckReturnRoutability { get; init; } = true;

    /// <summary>
    /// Where the peer may move to; elsewhere it is told UNACCEPTABLE_ADDRESSES (RFC 4555 §3.5), and additional addresses elsewhere are not used.
    /// Empty is anywhere.
    /// </summary>
    public ImmutableArray<IpPrefix> PeerAddresses { get; init; } = [];

    internal bool Accepts(IpAddress address) => PeerAddresses.IsEmpty || PeerAddresses.Any(prefix => prefix.Contains(address));

    /// <summary>By value: the list element by element.</summary>
    public bool Equals(MobikeOptions? other) => other is not null && CheckReturnRoutability == other.CheckReturnRoutability
        && ValueEquality.Same(PeerAddresses, other.PeerAddresses);

    public override int GetHashCode() => ValueEquality.Length(PeerAddresses);
}
