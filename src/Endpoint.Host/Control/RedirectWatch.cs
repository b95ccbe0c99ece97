using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Control;

/// <summary>From the events of a connection: which of its IKE SAs were redirected, and whether they are gone. A rekey hands the redirection on (RFC 7296
/// §2.18).</summary>
sealed class RedirectWatch
{
    readonly HashSet<IkeSaId> _redirected = [];
    IkeSaId? _successor;

    /// <summary>True once the last of those that were redirected is gone.</summary>
    public bool Sees(IkeEvent occurred)
    {
        switch (occurred)
        {
            case MessagePassed { Sent: true, IsRequest: true, IkeSa: IkeSaId id } passed when passed.Payloads.Contains("N(REDIRECT)"):
                _redirected.Add(id);
                return false;
            case IkeSaEstablished { IsRekey: true }:
                _successor = occurred.IkeSa;
                return false;
            case IkeSaClosed { IkeSa: IkeSaId id } closed when _redirected.Remove(id):
                if (_successor is IkeSaId successor && closed.Reasons is [{ Code: "rekeyed" }, ..])
                    _redirected.Add(successor);
                return _redirected.Count == 0;
            default:
                return false;
        }
    }
}
