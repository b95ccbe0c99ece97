using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>
/// One extension's part in IKE_SA_INIT. A task holds no state: what it reads goes into <see cref="IkeSa.Capabilities"/>, what it adds follows from the
/// configuration and the peer's message. In order: the initiator adds; the responder reads, then adds; the initiator reads.
/// </summary>
abstract class InitTask
{
    /// <summary>Every task, in the order in which their payloads stand in the message.</summary>
    public static ImmutableArray<InitTask> All { get; } =
    [
        new NatDetectionTask(),
        new FragmentationTask(),
        new IntermediateExchangeTask(),
        new VendorIdTask(),
        new CertificateRequestTask(),
        new SignatureHashTask(),
        new PostquantumKeyTask(),
        new ChildlessTask(),
        new RedirectSupportTask(),
    ];

    /// <summary>Payloads for our message. Each retry of an initiator's request must give the same ones (RFC 7296 §2.6).</summary>
    public abstract IEnumerable<Payload> ToPayloads(InitSituation situation);

    /// <summary>Reads the peer's message, which an initiator has accepted already.</summary>
    public virtual void Read(InitSituation situation, IkeMessage message)
    {
    }
}

/// <summary>Where a task stands.</summary>
/// <param name="Path">That the peer's message took; for an initiator's request, the path that it will take.</param>
/// <param name="Connections">The initiator's connection, or every one that the responder may be asked for (D10).</param>
/// <param name="Request">The peer's request; null for an initiator.</param>
sealed record InitSituation(IkeSa Sa, NetworkPath Path, ImmutableArray<ConnectionConfiguration> Connections, IkeMessage? Request)
{
    /// <summary>The payloads of all tasks.</summary>
    public IEnumerable<Payload> ToPayloads() => InitTask.All.SelectMany(task => task.ToPayloads(this));

    /// <summary>Every task reads the message.</summary>
    public void Read(IkeMessage message)
    {
        foreach (InitTask task in InitTask.All)
            task.Read(this, message);
    }
}
