using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Control;

/// <summary>Asks and tells a running host over its control socket.</summary>
sealed class ControlClient : IDisposable
{
    readonly string _path;

    public string Path => _path;
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

    /// <summary>The node that is meant, where the host runs several.</summary>
    public string? Node { get; init; }

    /// <summary>The instance that is meant; null is all of them.</summary>
    public int? Instance { get; init; }

    public Task<StatusDocument> GetStatusAsync(CancellationToken cancellation) =>
        GetAsync(Node is null ? "/v1/status" : $"/v1/status?node={Uri.EscapeDataString(Node)}", ControlJson.Default.StatusDocument, cancellation);

    public Task<AzureDocument> GetAzureAsync(CancellationToken cancellation) => GetAsync("/v1/azure", AzureJson.Line.AzureDocument, cancellation);

    /// <param name="verb">As the path has it: "initiate", "reset-connection" and so on.</param>
    public Task<CommandResponse> CommandAsync(string verb, CommandRequest request, CancellationToken cancellation) => CallAsync(async () =>
    {
        CommandRequest meant = request with { Node = request.Node ?? Node, Instance = request.Instance ?? Instance };
        using HttpResponseMessage response = await _http.PostAsJsonAsync($"/v1/{verb}", meant, ControlJson.Default.CommandRequest, cancellation);
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

    Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) where T : class => CallAsync(async () =>
    {
        using HttpResponseMessage response = await _http.GetAsync(path, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound
            && await response.Content.ReadFromJsonAsync(ControlJson.Default.CommandResponse, cancellation) is CommandResponse refusal)
            throw new UserErrorException(refusal.Message);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(type, cancellation) ?? throw new UserErrorException($"The host on {_path} answered with nothing.");
    });

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
