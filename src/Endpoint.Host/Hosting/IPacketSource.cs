using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Where a packet thread finds packets.</summary>
interface IPacketSource : IDisposable
{
    /// <summary>Can be read when something waits. It may become another one.</summary>
    FileDescriptor Descriptor { get; }

    /// <summary>Moves what waits, but no more than others have to wait for.</summary>
    TurnOutcome TakeTurn();
}

/// <summary>What a source's turn came to.</summary>
enum TurnOutcome
{
    Idle,

    /// <summary>Something was moved.</summary>
    Worked,

    /// <summary>It cannot be read, and should be left alone for a while: a descriptor with an error is ready all the time.</summary>
    Failed,
}
