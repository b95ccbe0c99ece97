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
    readonly HashSet<IkeSaId> _halfOpen = [];

    public HalfOpenTable(IkeSaTable sas) => sas.Removed += Forget;

    /// <summary>Not authenticated yet, those included whose refusal is still kept for a repetition.</summary>
    public int Count => _halfOpen.Count;

    /// <summary>This IKE SA is not authenticated yet.</summary>
    public bool Contains(IkeSa sa) => _halfOpen.Contains(sa.Id);

    public void Add(IkeSa sa, UInt128 request, byte[] response)
    {
        _byRequest[request] = new Entry(response, sa.Path.Remote.Address);
        _requests[sa.Id] = request;
        _halfOpen.Add(sa.Id);
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

    public void HandleAuthenticated(IkeSa sa) => _halfOpen.Remove(sa.Id);

    void Forget(IkeSa sa)
    {
        _halfOpen.Remove(sa.Id);
        if (_requests.Remove(sa.Id, out UInt128 request))
            _byRequest.Remove(request);
    }

    sealed record Entry(byte[] Response, IpAddress Remote);
}
