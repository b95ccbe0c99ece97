using System.Buffers;
using Ipsec.Endpoint;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Engine;

/// <summary>One input waiting for the engine's thread: a datagram in a rented buffer, or a command.</summary>
readonly record struct EngineInput(byte[]? Datagram, int Length, NetworkPath Path, Action<IpsecEndpoint, Instant>? Command);

/// <summary>
/// What waits for the engine's thread. Datagrams are bounded in number and octets, so that a flood costs no more memory than
/// this; commands are few and always taken.
/// </summary>
sealed class EngineInbox
{
    const int MaximumDatagrams = 4096;
    const int MaximumOctets = 8 << 20;

    readonly Lock _lock = new();
    readonly Queue<EngineInput> _inputs = new();
    // Left to the collector: a worker or a caller may still post while everything is taken down.
    readonly AutoResetEvent _wake = new(false);
    int _datagrams;
    int _octets;
    ulong _dropped;

    /// <summary>Datagrams that found the inbox full.</summary>
    public ulong Dropped => Volatile.Read(ref _dropped);

    public void Post(ReadOnlySpan<byte> datagram, in NetworkPath path)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(datagram.Length);
        datagram.CopyTo(copy);
        lock (_lock)
        {
            if (_datagrams < MaximumDatagrams && _octets + datagram.Length <= MaximumOctets)
            {
                _datagrams++;
                _octets += datagram.Length;
                _inputs.Enqueue(new EngineInput(copy, datagram.Length, path, null));
                copy = null!;
            }
            else
            {
                _dropped++;
            }
        }
        if (copy is not null)
            ArrayPool<byte>.Shared.Return(copy);
        _wake.Set();
    }

    public void Post(Action<IpsecEndpoint, Instant> command)
    {
        lock (_lock)
            _inputs.Enqueue(new EngineInput(null, 0, default, command));
        _wake.Set();
    }

    /// <summary>Ends the engine's wait without an input.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Waits for an input or <see cref="Wake"/>, at most so long; null waits without end.</summary>
    public void Wait(TimeSpan? limit) => _wake.WaitOne(limit ?? Timeout.InfiniteTimeSpan);

    /// <summary>The oldest input. Its buffer goes back through <see cref="Return"/>.</summary>
    public bool TryTake(out EngineInput input)
    {
        lock (_lock)
        {
            if (!_inputs.TryDequeue(out input))
                return false;
            if (input.Datagram is not null)
            {
                _datagrams--;
                _octets -= input.Length;
            }
            return true;
        }
    }

    public static void Return(in EngineInput input)
    {
        if (input.Datagram is not null)
            ArrayPool<byte>.Shared.Return(input.Datagram);
    }
}
