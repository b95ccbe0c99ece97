namespace Ipsec.EndpointHost.Native;

/// <summary>An event descriptor that every worker's poll(2) watches beside its own: once set, all of them wake and end.</summary>
sealed unsafe class StopSignal : IDisposable
{
    const int NonBlocking = 0x800;

    readonly FileDescriptor _event;
    volatile bool _isSet;
    Action? _onSet;

    public StopSignal()
    {
        _event = LibC.EventDescriptor(0, SocketConstants.CloseOnExec | NonBlocking);
        if (_event.IsInvalid)
            throw new IOException($"eventfd failed: {LibC.Describe(LibC.LastError)}");
    }

    public bool IsSet => _isSet;

    /// <summary>For a worker that waits for something else than a descriptor. Before the signal is set.</summary>
    public void Register(Action onSet) => _onSet += onSet;

    public void Set()
    {
        _isSet = true;
        _onSet?.Invoke();
        ulong one = 1;
        LibC.Write(_event, &one, sizeof(ulong));
    }

    /// <summary>Sleeps until the descriptor can be read or the signal is set. False once it is set.</summary>
    public bool WaitForInput(FileDescriptor descriptor)
    {
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { Descriptor = (int)descriptor.DangerousGetHandle(), Events = SocketConstants.PollIn };
        entries[1] = new PollEntry { Descriptor = (int)_event.DangerousGetHandle(), Events = SocketConstants.PollIn };
        LibC.Poll(entries, 2, -1);
        return !_isSet;
    }

    public void Dispose() => _event.Dispose();
}
