using System.Collections.Concurrent;

namespace Ipsec.EndpointHost.Lab;

/// <summary>Work from other threads for the turn of a lab, which is done by one thread at a time.</summary>
sealed class LabInbox
{
    readonly ConcurrentQueue<Action> _waiting = new();
    readonly Action<Action> _post;
    readonly CancellationTokenSource _ended = new();

    /// <summary>What is posted waits for <see cref="TakeIn"/>.</summary>
    public LabInbox() => _post = _waiting.Enqueue;

    /// <param name="post">Brings work into the lab's turn.</param>
    public LabInbox(Action<Action> post) => _post = post;

    /// <summary>Does something within the lab's turn; cancelled if the lab ends first.</summary>
    public Task<T> InvokeAsync<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _post(() =>
        {
            try
            {
                completion.SetResult(work());
            }
            catch (Exception exception)
            {
                completion.SetException(exception);
            }
        });
        return completion.Task.WaitAsync(_ended.Token);
    }

    /// <summary>The same for work that is done when it calls back.</summary>
    public async Task<T> InvokeAsync<T>(Action<Action<T>> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await InvokeAsync(() =>
        {
            work(completion.SetResult);
            return true;
        });
        return await completion.Task.WaitAsync(_ended.Token);
    }

    /// <summary>Does what is waiting. Within the lab's turn.</summary>
    public void TakeIn()
    {
        while (_waiting.TryDequeue(out Action? work))
            work();
    }

    /// <summary>The lab is over.</summary>
    public void End() => _ended.Cancel();
}
