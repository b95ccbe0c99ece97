using Ipsec.Ike.Associations;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Admission;

/// <summary>
/// The IKE SAs that peers began: how many of them are not authenticated yet, and which IKE_SA_INIT request made each. Requests are
/// recognized by a hash of the whole packet, because two peers behind one NAT may choose the same SPI (RFC 7296 §2.1).
/// </summary>
sealed class HalfOpenTable
{
    readonly Dictionary<UInt128, Entry> _byRequest = [];
    readonly Dictionary<IkeSaId, UInt128> _requests = [];
    readonly Dictionary<IkeSaId, IpPrefix?> _halfOpen = [];
    readonly Dictionary<IpPrefix, int> _byNetwork = [];

    public HalfOpenTable(IkeSaTable sas) => sas.Removed += Forget;

    /// <summary>Not authenticated yet, those included whose refusal is still kept for a repetition.</summary>
    public int Count => _halfOpen.Count;

    /// <summary>
    /// Those for which one host returned a cookie: one IPv4 address, or one /64 of IPv6, whose addresses a host makes as it likes. Others count for nobody, as
    /// anybody may have sent their requests in the name of that host.
    /// </summary>
    public int CountOf(IpAddress remote) => _byNetwork.GetValueOrDefault(NetworkOf(remote));

    /// <summary>This IKE SA is not authenticated yet.</summary>
    public bool Contains(IkeSa sa) => _halfOpen.ContainsKey(sa.Id);

    /// <param name="hasCookie">The peer has returned a cookie for it.</param>
    public void Add(IkeSa sa, UInt128 request, byte[] response, bool hasCookie)
    {
        _byRequest[request] = new Entry(response, sa.Path.Remote.Address);
        _requests[sa.Id] = request;
        IpPrefix network = NetworkOf(sa.Path.Remote.Address);
        _halfOpen.Add(sa.Id, hasCookie ? network : null);
        if (hasCookie)
            _byNetwork[network] = _byNetwork.GetValueOrDefault(network) + 1;
    }

    /// <summary>This request has been seen.</summary>
    /// <param name="response">
    /// What answers it again, to the port from which it came (RFC 7296 §2.11): a NAT may have given the initiator another one between two tries. Empty when
    /// it must be ignored: IKE_AUTH has come already, or it comes from another address, to which nobody has shown a cookie.
    /// </param>
    public bool TryFind(UInt128 request, IpAddress remote, out byte[] response)
    {
        response = [];
        if (!_byRequest.TryGetValue(request, out Entry? entry))
            return false;
        if (entry.Remote == remote)
            response = entry.Response;
        return true;
    }

    /// <summary>IKE_AUTH has come: RFC 7296 §2.1, from now on the IKE_SA_INIT request is ignored.</summary>
    public void StopAnswering(IkeSa sa)
    {
        if (_requests.TryGetValue(sa.Id, out UInt128 request) && _byRequest.TryGetValue(request, out Entry? entry))
            _byRequest[request] = entry with { Response = [] };
    }

    public void HandleAuthenticated(IkeSa sa)
    {
        if (!_halfOpen.Remove(sa.Id, out IpPrefix? shown) || shown is not IpPrefix network)
            return;
        if (_byNetwork[network] > 1)
            _byNetwork[network]--;
        else
            _byNetwork.Remove(network);
    }

    void Forget(IkeSa sa)
    {
        HandleAuthenticated(sa);
        if (_requests.Remove(sa.Id, out UInt128 request))
            _byRequest.Remove(request);
    }

    static IpPrefix NetworkOf(IpAddress remote) => new(remote, remote.IsV6 ? 64 : 32);

    sealed record Entry(byte[] Response, IpAddress Remote);
}
