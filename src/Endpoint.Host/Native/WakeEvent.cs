namespace Ipsec.EndpointHost.Native;

/// <summary>An event descriptor (eventfd(2)): once set it can be read, which ends a poll(2) that watches it.</summary>
sealed unsafe class WakeEvent : IDisposable
{
    const int NonBlocking = 0x800;

    readonly FileDescriptor _descriptor = LibC.EventDescriptor(0, SocketConstants.CloseOnExec | NonBlocking);

    public WakeEvent()
    {
        if (_descriptor.IsInvalid)
            throw new IOException($"eventfd failed: {LibC.Describe(LibC.LastError)}");
    }

    public FileDescriptor Descriptor => _descriptor;

    public void Set()
    {
        ulong one = 1;
        LibC.Write(_descriptor, &one, sizeof(ulong));
    }

    public void Reset()
    {
        ulong count;
        LibC.Read(_descriptor, &count, sizeof(ulong));
    }

    public void Dispose() => _descriptor.Dispose();
}
