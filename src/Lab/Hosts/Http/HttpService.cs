using System.Globalization;
using System.Text;
using Ipsec.Lab.Hosts.Tcp;

namespace Ipsec.Lab.Hosts.Http;

/// <summary>
/// What every virtual host serves on port 80: GET /octets/N is answered with N octets of a pattern (HTTP/1.0), so that a host of a real lab can be asked
/// the same by any client.
/// </summary>
sealed class HttpService : ITcpOwner
{
    public const ushort Port = 80;

    /// <summary>Octets of the largest answer.</summary>
    public const int MostOctets = 100_000_000;

    const int LongestRequest = 2048;
    const string Path = "/octets/";

    readonly StringBuilder _request = new();
    bool _isAnswered;

    public void Received(TcpConnection connection, ReadOnlySpan<byte> data)
    {
        if (_isAnswered)
            return;
        _request.Append(Encoding.ASCII.GetString(data));
        string request = _request.ToString();
        if (request.Contains("\r\n\r\n", StringComparison.Ordinal))
            Answer(connection, request);
        else if (request.Length > LongestRequest)
            connection.Abort();
    }

    public void PeerFinished(TcpConnection connection)
    {
        if (!_isAnswered)
            connection.Finish();
    }

    public void Closed(TcpConnection connection, TcpEnd end)
    {
    }

    /// <summary>Octet by octet, the content of an answer.</summary>
    public static byte PatternAt(int index) => (byte)(index ^ index >> 8 ^ index >> 16);

    /// <summary>The request for so many octets.</summary>
    public static byte[] Request(string host, int octets) => Encoding.ASCII.GetBytes(FormattableString.Invariant($"GET {Path}{octets} HTTP/1.0\r\nHost: {host}\r\n\r\n"));

    void Answer(TcpConnection connection, string request)
    {
        _isAnswered = true;
        string[] words = request[..request.IndexOf('\r', StringComparison.Ordinal)].Split(' ');
        if (words.Length == 3 && words[0] == "GET" && words[1].StartsWith(Path, StringComparison.Ordinal)
            && int.TryParse(words[1].AsSpan(Path.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int octets) && octets <= MostOctets)
        {
            byte[] content = new byte[octets];
            for (int index = 0; index < octets; index++)
                content[index] = PatternAt(index);
            connection.Send(Encoding.ASCII.GetBytes(FormattableString.Invariant($"HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {octets}\r\n\r\n")));
            connection.Send(content);
        }
        else
        {
            connection.Send("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8);
        }
        connection.Finish();
    }
}
