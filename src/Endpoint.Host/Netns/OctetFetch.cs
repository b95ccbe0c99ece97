using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts.Http;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netns;

/// <summary>One fetch over the kernel's TCP, every octet compared.</summary>
static class OctetFetch
{
    const int LongestHead = 2048;

    public static async Task<FetchOutcome> RunAsync(NamespaceScope scope, IpAddress from, IpAddress to, int octets, TimeSpan timeout)
    {
        long started = Stopwatch.GetTimestamp();
        var progress = new Progress();
        using var deadline = new CancellationTokenSource(timeout);
        string? problem;
        try
        {
            problem = await FetchAsync(scope, from, to, octets, progress, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            problem = progress.Received < 0 ? "no connection, or no answer, in time"
                : string.Create(CultureInfo.InvariantCulture, $"{progress.Received} of {octets} octets came in time");
        }
        catch (SocketException exception)
        {
            problem = exception.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "the connection was refused",
                SocketError.ConnectionReset => "the connection was reset",
                SocketError.TimedOut => "the connection timed out",
                _ => $"the connection failed: {exception.Message}",
            };
        }
        return new FetchOutcome(octets, Stopwatch.GetElapsedTime(started), problem);
    }

    static async Task<string?> FetchAsync(NamespaceScope scope, IpAddress from, IpAddress to, int octets, Progress progress, CancellationToken cancellation)
    {
        IPAddress local = IPAddress.Parse(from.ToString());
        using Socket socket = scope.Run(() =>
        {
            var made = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            made.Bind(new IPEndPoint(local, 0));
            return made;
        });
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(to.ToString()), OctetRequest.Port), cancellation);
        await socket.SendAsync(OctetRequest.Write(to.ToString(), octets), cancellation);
        byte[] buffer = new byte[65536];
        var head = new StringBuilder();
        string? problem = null;
        int count;
        while ((count = await socket.ReceiveAsync(buffer, cancellation)) > 0)
        {
            int start = 0;
            for (; progress.Received < 0 && start < count; start++)
            {
                head.Append((char)buffer[start]);
                if (OctetRequest.IsWhole(head.ToString(Math.Max(0, head.Length - 4), Math.Min(4, head.Length))))
                    progress.Received = 0;
            }
            if (progress.Received < 0 && head.Length > LongestHead)
                return "the answer is no HTTP";
            for (; start < count; start++)
            {
                if (buffer[start] != OctetRequest.PatternAt(progress.Received++))
                    problem ??= string.Create(CultureInfo.InvariantCulture, $"octet {progress.Received - 1} is not what was sent");
            }
        }
        if (!head.ToString().StartsWith("HTTP/1.0 200 ", StringComparison.Ordinal))
            return $"the answer is {head.ToString().Split('\r')[0]}";
        return problem ?? (progress.Received == octets ? null : string.Create(CultureInfo.InvariantCulture, $"{progress.Received} of {octets} octets came"));
    }

    sealed class Progress
    {
        /// <summary>Octets of content; below zero until the head is whole.</summary>
        public int Received { get; set; } = -1;
    }
}
