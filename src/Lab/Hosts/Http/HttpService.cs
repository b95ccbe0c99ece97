using System.Text;
using Ipsec.Lab.Hosts.Tcp;

namespace Ipsec.Lab.Hosts.Http;

/// <summary>Answers <see cref="OctetRequest"/>s on one connection of a virtual host.</summary>
sealed class HttpService : ITcpOwner
{
    readonly StringBuilder _request = new();
    bool _isAnswered;

    public void Received(TcpConnection connection, ReadOnlySpan<byte> data)
    {
        if (_isAnswered)
            return;
        _request.Append(Encoding.ASCII.GetString(data));
        string request = _request.ToString();
        if (OctetRequest.IsWhole(request))
        {
            _isAnswered = true;
            connection.Send(OctetRequest.Answer(request));
            connection.Finish();
        }
        else if (request.Length > OctetRequest.Longest)
        {
            connection.Abort();
        }
    }

    public void PeerFinished(TcpConnection connection)
    {
        if (!_isAnswered)
            connection.Finish();
    }

    public void Closed(TcpConnection connection, TcpEnd end)
    {
    }
}
