using System.Globalization;
using System.Text;

namespace Ipsec.Lab.Hosts.Http;

/// <summary>
/// What every host of a lab serves on port 80: GET /octets/N is answered with N octets of a pattern (HTTP/1.0), so that any client can ask for it.
/// </summary>
public static class OctetRequest
{
    public const ushort Port = 80;

    /// <summary>Octets of the largest answer.</summary>
    public const int MostOctets = 100_000_000;

    /// <summary>Octets of a request; a longer one is none.</summary>
    public const int Longest = 2048;

    const string Path = "/octets/";

    /// <summary>Octet by octet, the content of an answer.</summary>
    public static byte PatternAt(int index) => (byte)(index ^ index >> 8 ^ index >> 16);

    /// <summary>The request for so many octets.</summary>
    public static byte[] Write(string host, int octets) =>
        Encoding.ASCII.GetBytes(FormattableString.Invariant($"GET {Path}{octets} HTTP/1.0\r\nHost: {host}\r\n\r\n"));

    /// <summary>The whole answer to a request with its empty line.</summary>
    public static byte[] Answer(string request)
    {
        string[] words = request[..request.IndexOf('\r', StringComparison.Ordinal)].Split(' ');
        if (words.Length != 3 || words[0] != "GET" || !words[1].StartsWith(Path, StringComparison.Ordinal)
            || !int.TryParse(words[1].AsSpan(Path.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int octets) || octets > MostOctets)
            return [.. "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8];
        byte[] head = Encoding.ASCII.GetBytes(FormattableString.Invariant(
            $"HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {octets}\r\n\r\n"));
        byte[] answer = new byte[head.Length + octets];
        head.CopyTo(answer, 0);
        for (int index = 0; index < octets; index++)
            answer[head.Length + index] = PatternAt(index);
        return answer;
    }

    /// <summary>It has its empty line.</summary>
    public static bool IsWhole(string request) => request.Contains("\r\n\r\n", StringComparison.Ordinal);
}
