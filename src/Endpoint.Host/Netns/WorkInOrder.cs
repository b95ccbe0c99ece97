namespace Ipsec.EndpointHost.Netns;

/// <summary>What a node of a lab has to do, one after the other on the thread pool; the first thing that failed is kept. One caller at a time.</summary>
sealed class WorkInOrder
{
    /// <summary>The end of what was asked for so far; it never fails.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public Exception? Failure { get; private set; }

    public void Add(Func<Task> work) => Completion = AfterAsync(Completion, work);

    async Task AfterAsync(Task before, Func<Task> work)
    {
        await before;
        try
        {
            await Task.Run(work);
        }
        catch (Exception exception)
        {
            Failure ??= exception;
        }
    }
}
