namespace Ipsec.EndpointHost.Native;

/// <summary>What every worker's poll(2) watches beside its own descriptors: once set, all of them wake and end.</summary>
sealed unsafe class StopSignal : IDisposable
{
    readonly WakeEvent _event = new();
    volatile bool _isSet;
    Action? _onSet;

    public bool IsSet => _isSet;

    /// <summary>Can be read once the signal is set, and stays so.</summary>
    public FileDescriptor Descriptor => _event.Descriptor;

    /// <summary>For a worker that waits for something else than a descriptor. Before the signal is set.</summary>
    public void Register(Action onSet) => _onSet += onSet;

    public void Set()
    {
        _isSet = true;
        _onSet?.Invoke();
        _event.Set();
    }

    /// <summary>Sleeps until the descriptor can be read or the signal is set. False once it is set.</summary>
    public bool WaitForInput(FileDescriptor descriptor)
    {
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = PollEntry.ForInput(descriptor);
        entries[1] = PollEntry.ForInput(Descriptor);
        LibC.Poll(entries, 2, -1);
        return !_isSet;
    }

    public void Dispose() => _event.Dispose();
}
