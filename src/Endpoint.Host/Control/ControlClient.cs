using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Control;

/// <summary>Asks and tells a running host over its control socket.</summary>
sealed class ControlClient : IDisposable
{
    readonly string _path;
    readonly HttpClient _http;

    public ControlClient(string path)
    {
        _path = path;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        // The name is not looked up: every connection goes to the socket.
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public Task<StatusDocument> GetStatusAsync(CancellationToken cancellation) => CallAsync(async () =>
        await _http.GetFromJsonAsync("/v1/status", ControlJson.Default.StatusDocument, cancellation)
            ?? throw new UserErrorException($"The host on {_path} answered without a status."));

    /// <param name="verb">"initiate", "rekey", "terminate", "redirect" or "reload".</param>
    public Task<CommandResponse> CommandAsync(string verb, CommandRequest request, CancellationToken cancellation) => CallAsync(async () =>
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync($"/v1/{verb}", request, ControlJson.Default.CommandRequest, cancellation);
        return await response.Content.ReadFromJsonAsync(ControlJson.Default.CommandResponse, cancellation)
            ?? throw new UserErrorException($"The host on {_path} gave no answer to {verb}.");
    });

    /// <summary>The lines of the watch, as they come, until the host stops.</summary>
    public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpResponseMessage response = await CallAsync(() => _http.GetAsync("/v1/watch", HttpCompletionOption.ResponseHeadersRead, cancellation));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await ReadLineAsync(reader, cancellation) is string line)
            yield return line;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Null at the end, also at one that came by the host's death.</summary>
    static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadLineAsync(cancellation);
        }
        catch (IOException)
        {
            return null;
        }
    }

    async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new UserErrorException($"No permission for the control socket {_path}; ask as the user who runs the host.");
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException)
        {
            throw new UserErrorException($"No host answers on {_path}; is it running?");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or IOException)
        {
            throw new UserErrorException($"The host on {_path} did not answer as expected: {exception.Message.TrimEnd('.')}.");
        }
    }
}
