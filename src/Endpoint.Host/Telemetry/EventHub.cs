using System.Threading.Channels;
using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Telemetry;

/// <summary>An event and when it happened.</summary>
/// <param name="Instance">The instance of the node to which it happened.</param>
/// <param name="Node">In a lab: the node to which it happened.</param>
readonly record struct TimedEvent(DateTimeOffset When, IkeEvent Event, int Instance = 0, string? Node = null);

/// <summary>Hands events to whoever watches. A watcher that does not keep up loses the oldest ones, never the engine's time.</summary>
sealed class EventHub
{
    const int WaitingPerWatcher = 1024;

    readonly Lock _lock = new();
    readonly List<Channel<TimedEvent>> _watchers = [];
    bool _isComplete;

    /// <summary>Starts to watch; ends with the returned subscription's disposal or with <see cref="Complete"/>.</summary>
    public Subscription Watch()
    {
        var channel = Channel.CreateBounded<TimedEvent>(new BoundedChannelOptions(WaitingPerWatcher)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleWriter = true,
            SingleReader = true,
        });
        lock (_lock)
        {
            if (_isComplete)
                channel.Writer.Complete();
            else
                _watchers.Add(channel);
        }
        return new Subscription(this, channel);
    }

    public void Publish(TimedEvent occurred)
    {
        lock (_lock)
        {
            foreach (Channel<TimedEvent> watcher in _watchers)
                watcher.Writer.TryWrite(occurred);
        }
    }

    /// <summary>No further event: every watcher reads what waits and ends.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            foreach (Channel<TimedEvent> watcher in _watchers)
                watcher.Writer.TryComplete();
            _watchers.Clear();
        }
    }

    void Remove(Channel<TimedEvent> channel)
    {
        lock (_lock)
            _watchers.Remove(channel);
    }

    public sealed class Subscription(EventHub hub, Channel<TimedEvent> channel) : IDisposable
    {
        public ChannelReader<TimedEvent> Events => channel.Reader;

        public void Dispose() => hub.Remove(channel);
    }
}
