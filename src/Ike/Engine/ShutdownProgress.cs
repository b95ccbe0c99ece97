using Ipsec.Ike.Associations;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>The orderly end: DELETE to every peer, and an end to the waiting.</summary>
sealed class ShutdownProgress(EngineContext context)
{
    EngineTimer? _timer;
    bool _isOver;

    public void Begin(Instant now)
    {
        if (context.Connections.IsShuttingDown)
            return;
        context.Connections.IsShuttingDown = true;
        foreach (IkeSa sa in context.Sas.All.ToArray())
        {
            // Half-open ones and what is only kept to answer repetitions: nobody is owed a farewell.
            if (sa.State is HalfOpenResponder or LingeringIkeSa or RetiredIkeSa)
                Drop(sa);
            else if (sa.State is RetreatingIkeSa retreating)
                retreating.Close(now);
        }
        foreach (ConnectionRuntime connection in context.Connections.All)
            context.Connections.TakeDown(connection, Reasons.ShutDown, Farewell.Delete, now);
        _timer = context.Timers.Schedule(now, context.Options.ShutdownTimeout, _ => Complete());
        CompleteIfDone();
    }

    /// <summary>Asked after every turn: an IKE SA may have ended in it.</summary>
    public void CompleteIfDone()
    {
        if (context.Connections.IsShuttingDown && !_isOver && !context.Sas.All.Any(sa => sa.State is ClosingIkeSa))
            Complete();
    }

    void Complete()
    {
        _isOver = true;
        context.Timers.Cancel(_timer);
        foreach (IkeSa sa in context.Sas.All.ToArray())
            Drop(sa);
        context.Outputs.Add(new ShutdownCompleted());
    }

    void Drop(IkeSa sa)
    {
        sa.State?.Discard();
        IkeSaEnding.Remove(sa);
    }
}
