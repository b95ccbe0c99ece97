using Ipsec.Endpoint;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Engine;

/// <summary>
/// The one thread that calls the endpoint's engine face (D4): takes datagrams, commands and the data path's reports as they
/// come, fires timers, and carries out the outputs after each.
/// </summary>
sealed class EngineLoop : IDisposable
{
    /// <summary>The longest single wait; WaitOne takes no more than int.MaxValue milliseconds.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(100);

    readonly IpsecEndpoint _endpoint;
    readonly IEngineOutputs _outputs;
    readonly HostClock _clock;
    readonly ILogger _logger;
    readonly EngineInbox _inbox = new();
    readonly OperationRunner _operations;
    readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _ended = new();
    readonly Thread _thread;
    volatile bool _reportsPending;
    volatile bool _stopping;

    public EngineLoop(IpsecEndpoint endpoint, IEngineOutputs outputs, HostClock clock, ILogger logger)
    {
        (_endpoint, _outputs, _clock, _logger) = (endpoint, outputs, clock, logger);
        _endpoint.ReportsPending += OnReportsPending;
        _operations = new OperationRunner(outputs.ResolveName, (id, result) => _inbox.Post((engine, now) => engine.HandleCompletion(id, result, now)));
        _thread = new Thread(Run) { IsBackground = true, Name = "IKE engine" };
    }

    /// <summary>Datagrams for which there was no room.</summary>
    public ulong DroppedDatagrams => _inbox.Dropped;

    public void Start() => _thread.Start();

    /// <summary>Hands over an IKE message; the span may be reused at once. Dropped and counted when too many wait.</summary>
    public void Post(ReadOnlySpan<byte> message, in NetworkPath path) => _inbox.Post(message, path);

    /// <summary>Runs something on the engine's thread; cancelled if that has ended.</summary>
    public Task<T> InvokeAsync<T>(Func<IpsecEndpoint, Instant, T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _inbox.Post((endpoint, now) =>
        {
            try
            {
                completion.SetResult(work(endpoint, now));
            }
            catch (Exception exception)
            {
                completion.SetException(exception);
                throw;
            }
        });
        return completion.Task.WaitAsync(_ended.Token);
    }

    /// <summary>Sends the DELETEs and completes once the peers answered or the endpoint's own time for that is up.</summary>
    public Task ShutdownAsync()
    {
        _inbox.Post((endpoint, now) => endpoint.Shutdown(now));
        return _closed.Task;
    }

    /// <summary>Ends the thread; nothing is called afterwards.</summary>
    public void Dispose()
    {
        _endpoint.ReportsPending -= OnReportsPending;
        _stopping = true;
        _inbox.Wake();
        if (_thread.IsAlive)
            _thread.Join();
        _operations.Dispose();
        _ended.Cancel();
    }

    void OnReportsPending()
    {
        _reportsPending = true;
        _inbox.Wake();
    }

    void Run()
    {
        while (!_stopping)
        {
            try
            {
                Turn();
            }
            catch (Exception exception)
            {
                // A fault of ours in one turn must not take down the tunnels of every other peer.
                _logger.EngineFault(exception);
                Thread.Sleep(PauseAfterFault);
            }
        }
    }

    void Turn()
    {
        while (!_stopping && _inbox.TryTake(out EngineInput input))
        {
            try
            {
                Take(input);
            }
            finally
            {
                EngineInbox.Return(input);
            }
            CarryOut();
            // After each input: a flood of datagrams must not keep rekeys and answers waiting.
            TakeReports();
            FireTimers();
        }
        TakeReports();
        FireTimers();
        TimeSpan? remaining = _endpoint.NextTimeout - _clock.Now.Monotonic;
        if (remaining is null || remaining > TimeSpan.Zero)
            _inbox.Wait(remaining is TimeSpan wait && wait < LongestWait ? RoundUp(wait) : LongestWait);
    }

    void Take(in EngineInput input)
    {
        if (input.Datagram is byte[] datagram)
            _endpoint.HandleDatagram(datagram.AsSpan(0, input.Length), input.Path, _clock.Now);
        else
            input.Command!(_endpoint, _clock.Now);
    }

    void TakeReports()
    {
        if (!_reportsPending)
            return;
        _reportsPending = false;
        _endpoint.HandleReports(_clock.Now);
        CarryOut();
    }

    void FireTimers()
    {
        Instant now = _clock.Now;
        if (!(_endpoint.NextTimeout <= now.Monotonic))
            return;
        _endpoint.HandleTimeout(now);
        CarryOut();
    }

    void CarryOut()
    {
        while (_endpoint.TryTakeOutput(out EndpointOutput? output))
        {
            switch (output)
            {
                case SendDatagram send:
                    _outputs.Send(send.Path, send.Datagram.Span);
                    break;
                case InnerRoutesChanged routes:
                    _outputs.InnerRoutesChanged(routes.Routes);
                    break;
                case InnerAddressesChanged addresses:
                    _outputs.InnerAddressesChanged(addresses.Addresses);
                    break;
                case EndpointEvent occurred:
                    _outputs.EventOccurred(occurred.Event, _clock.Now.Utc);
                    break;
                case EspKeysInstalled keys:
                    _outputs.EspKeysInstalled(keys);
                    break;
                case EndpointOperation asked:
                    _operations.Begin(asked.Operation);
                    break;
                case EndpointClosed:
                    _closed.TrySetResult();
                    break;
            }
        }
    }

    /// <summary>WaitOne counts whole milliseconds and cuts; a wait that ends early would spin until the timer is due.</summary>
    static TimeSpan RoundUp(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
}
