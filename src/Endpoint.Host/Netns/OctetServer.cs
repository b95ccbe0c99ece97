using System.Net;
using System.Net.Sockets;
using System.Text;
using Ipsec.Lab.Hosts.Http;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netns;

/// <summary>The HTTP service of a host in its namespace.</summary>
sealed class OctetServer : IDisposable
{
    const int Backlog = 64;

    readonly Socket _listener;

    OctetServer(Socket listener) => _listener = listener;

    public static OctetServer Start(NamespaceScope scope, IpAddress address)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address.ToString()), OctetRequest.Port);
        Socket listener = scope.Run(() =>
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return socket;
        });
        var server = new OctetServer(listener);
        _ = server.AcceptAsync();
        return server;
    }

    public void Dispose() => _listener.Dispose();

    async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptAsync());
            }
            catch (SocketException)
            {
                // A client that was gone before it was accepted.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    static async Task AnswerAsync(Socket client)
    {
        using (client)
        {
            try
            {
                byte[] buffer = new byte[OctetRequest.Longest];
                var request = new StringBuilder();
                while (!OctetRequest.IsWhole(request.ToString()))
                {
                    int count = await client.ReceiveAsync(buffer);
                    if (count == 0 || request.Length > OctetRequest.Longest)
                        return;
                    request.Append(Encoding.ASCII.GetString(buffer, 0, count));
                }
                byte[] answer = OctetRequest.Answer(request.ToString());
                for (int sent = 0; sent < answer.Length;)
                    sent += await client.SendAsync(answer.AsMemory(sent));
                client.Shutdown(SocketShutdown.Send);
                while (await client.ReceiveAsync(buffer) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // The client or the way to it is gone; the client tells what it missed.
            }
        }
    }
}
