using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Engine;

/// <summary>
/// Does on the thread pool what the engine asked for (D1), and hands the result back. What is still under way when it is disposed has no
/// result any more.
/// </summary>
/// <param name="names">DNS names that the topology file knows; null where it knows none by that name.</param>
/// <param name="complete">Called on a thread of the pool, once for each operation.</param>
sealed class OperationRunner(Func<string, ImmutableArray<IpAddress>?> names, Action<OperationId, OperationResult> complete) : IDisposable
{
    readonly CancellationTokenSource _ended = new();

    public void Begin(OperationRequested operation) => _ = Task.Run(() => RunAsync(operation));

    public void Dispose() => _ended.Cancel();

    async Task RunAsync(OperationRequested operation)
    {
        OperationResult result;
        try
        {
            result = operation.Input switch
            {
                SignOperation sign => sign.Execute(),
                ResolveNameOperation resolve when names(resolve.Name) is ImmutableArray<IpAddress> known => new NameResolved(known),
                ResolveNameOperation resolve => await ResolveAsync(resolve.Name, _ended.Token),
                _ => throw new InvalidOperationException($"The host has no way to do {operation.Input.GetType().Name}."),
            };
        }
        catch (Exception exception)
        {
            // Nobody awaits this task: the engine is told, whatever went wrong.
            result = new OperationFailed(exception.Message);
        }
        if (!_ended.IsCancellationRequested)
            complete(operation.Id, result);
    }

    /// <summary>The system's resolver, with its order of addresses (RFC 6724).</summary>
    static async Task<OperationResult> ResolveAsync(string name, CancellationToken cancellation)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(name, cancellation);
        return new NameResolved([.. addresses
            .Where(address => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            .Select(address => IpAddress.FromBytes(address.GetAddressBytes()))]);
    }
}
