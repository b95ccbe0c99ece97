using Ipsec.Lab.Network;

namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>One thing to do later, which can be put off or cancelled.</summary>
sealed class TcpTimer(Scheduler scheduler, Action action)
{
    int _generation;

    public bool IsRunning { get; private set; }

    public void Start(TimeSpan delay)
    {
        int generation = ++_generation;
        IsRunning = true;
        scheduler.After(delay, () =>
        {
            if (generation != _generation || !IsRunning)
                return;
            IsRunning = false;
            action();
        });
    }

    public void Stop() => IsRunning = false;
}
