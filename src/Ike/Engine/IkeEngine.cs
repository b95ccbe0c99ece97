using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike;

/// <summary>
/// The IKEv2 negotiation of one endpoint (RFC 7296): datagrams, time and commands go in, outputs come out. It does no I/O, reads no
/// clock and is called from one thread at a time. After every call the owner takes all outputs and looks at <see cref="NextTimeout"/> again.
/// </summary>
public sealed class IkeEngine(IkeEngineConfiguration configuration, ISpiAllocator spis, IRandomSource random,
    IChildTraffic? traffic = null, IMessageHooks? hooks = null) : IDisposable
{
    readonly object?[] _parts = [configuration, spis, random, traffic, hooks];

    /// <summary>Monotonic time at which <see cref="HandleTimeout"/> has something to do; null while there is nothing.</summary>
    public TimeSpan? NextTimeout => throw new NotImplementedException();

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTakeOutput([NotNullWhen(true)] out IkeOutput? output) => throw new NotImplementedException();

    /// <summary>Initiates every connection whose start action says so.</summary>
    public void Start(Instant now) => throw new NotImplementedException();

    /// <summary>Takes one IKE message; on the NAT traversal port the non-ESP marker is already gone.</summary>
    public void HandleDatagram(ReadOnlySpan<byte> message, NetworkPath path, Instant now) => throw new NotImplementedException();

    /// <summary>Does what is due; nothing before <see cref="NextTimeout"/>.</summary>
    public void HandleTimeout(Instant now) => throw new NotImplementedException();

    /// <summary>Brings up a connection, or one of its child SAs; null is all of them.</summary>
    public CommandResult Initiate(string connection, string? child, Instant now) => throw new NotImplementedException();

    public CommandResult RekeyIke(string connection, Instant now) => throw new NotImplementedException();

    /// <summary>Rekeys one child SA of a connection by its configured name, or all of them.</summary>
    public CommandResult RekeyChild(string connection, string? child, Instant now) => throw new NotImplementedException();

    /// <summary>Deletes the connection's SAs. It stays down until it is initiated again, by either side.</summary>
    public CommandResult Terminate(string connection, Instant now) => throw new NotImplementedException();

    /// <summary>Unchanged connections keep running; changed and removed ones are deleted, new and changed ones started.</summary>
    public CommandResult Reload(IkeEngineConfiguration configuration, Instant now) => throw new NotImplementedException();

    /// <summary>Deletes everything; <see cref="ShutdownCompleted"/> follows once the peers answered or time is up.</summary>
    public void Shutdown(Instant now) => throw new NotImplementedException();

    /// <summary>The data path counted a child SA to its soft limit: rekey it.</summary>
    public void HandleSoftLimit(ChildSaId id, Instant now) => throw new NotImplementedException();

    /// <summary>The data path stopped a child SA at its hard limit: delete it.</summary>
    public void HandleHardLimit(ChildSaId id, Instant now) => throw new NotImplementedException();

    /// <summary>The first authenticated packet arrived on a new child SA.</summary>
    public void HandleFirstInbound(ChildSaId id, Instant now) => throw new NotImplementedException();

    /// <summary>Authenticated ESP came from another address or port (RFC 7296 §2.23).</summary>
    public void HandlePathChanged(ChildSaId id, NetworkPath path, Instant now) => throw new NotImplementedException();

    /// <summary>A packet wants into a connection that has no SA for it.</summary>
    public void HandleAcquire(string connection, Instant now) => throw new NotImplementedException();

    public IkeStatus GetStatus(Instant now) => throw new NotImplementedException();

    /// <summary>Clears every key. Emits nothing.</summary>
    public void Dispose() => Array.Clear(_parts);
}
