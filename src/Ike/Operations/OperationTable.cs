using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Operations;

/// <summary>
/// The operations that were asked for and are not answered yet: bounded in number and in time. Whoever asked is told exactly once, in a
/// later turn of the engine, unless it cancels.
/// </summary>
sealed class OperationTable(EngineContext context)
{
    // A bound of ours: every half-open IKE SA within its own bound may wait for one, and so may every connection.
    internal const int Maximum = 4096;

    readonly Dictionary<OperationId, PendingOperation> _pending = [];
    ulong _count;

    public int Count => _pending.Count;

    /// <param name="done">Told of the result, of the deadline, or that too many operations are under way.</param>
    /// <returns>For the one who asked, to cancel it with.</returns>
    public PendingOperation Request(OperationInput input, Action<OperationResult, Instant> done, Instant now)
    {
        var operation = new PendingOperation(this, new OperationId(++_count), done);
        bool isTaken = _pending.Count < Maximum;
        TimeSpan limit = isTaken ? context.Options.OperationTimeout : TimeSpan.Zero;
        string failure = isTaken ? $"It was not done within {limit.TotalSeconds:0.#} s." : "Too many operations are under way.";
        _pending.Add(operation.Id, operation);
        operation.Timer = context.Timers.Schedule(now, limit, at => Complete(operation.Id, new OperationFailed(failure), at));
        if (isTaken)
            context.Outputs.Add(new OperationRequested(operation.Id, input, now.Monotonic + limit));
        else
            context.Counters.Add("operation-limit");
        return operation;
    }

    /// <summary>An answer that nobody waits for is ignored.</summary>
    public void Complete(OperationId id, OperationResult result, Instant now)
    {
        if (!_pending.Remove(id, out PendingOperation? operation))
        {
            context.Counters.Add("late-completion");
            return;
        }
        context.Timers.Cancel(operation.Timer);
        operation.Done(result, now);
    }

    public void Cancel(PendingOperation operation)
    {
        if (_pending.Remove(operation.Id))
            context.Timers.Cancel(operation.Timer);
    }
}

/// <summary>One operation under way.</summary>
sealed class PendingOperation(OperationTable table, OperationId id, Action<OperationResult, Instant> done)
{
    public OperationId Id { get; } = id;
    public Action<OperationResult, Instant> Done { get; } = done;
    public EngineTimer? Timer { get; set; }

    /// <summary>Nobody wants the result any more. Cancelling twice, or after the result, is nothing.</summary>
    public void Cancel() => table.Cancel(this);
}
