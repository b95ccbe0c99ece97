using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Engines;

/// <summary>One engine of an <see cref="EnginePair"/> with everything that it has put out.</summary>
sealed class EngineNode : ISpiAllocator, IChildTraffic, IDisposable
{
    readonly HashSet<uint> _spis = [];
    uint _nextSpi;

    /// <summary>As at the start.</summary>
    public IkeEngineConfiguration Configuration { get; }

    public EngineNode(string name, IkeEngineConfiguration configuration, ulong seed, uint firstSpi, IMessageHooks? hooks)
    {
        Configuration = configuration;
        Name = name;
        _nextSpi = firstSpi;
        Engine = new IkeEngine(configuration, this, new SeededRandomSource(seed), this, hooks);
    }

    public string Name { get; }
    public IkeEngine Engine { get; }
    public List<IkeEvent> Events { get; } = [];

    /// <summary>Child SAs that the data path would hold now.</summary>
    public Dictionary<ChildSaId, InstallChildSa> Installed { get; } = [];
    public List<InstallChildSa> EverInstalled { get; } = [];
    public List<ChildSaId> Activated { get; } = [];
    public List<RemoveChildSa> Removed { get; } = [];
    public List<UpdateChildSaPath> PathUpdates { get; } = [];
    public ImmutableArray<VirtualAddresses> VirtualAddresses { get; private set; } = [];
    public bool IsShutDown { get; private set; }

    /// <summary>SPIs that were allocated, and neither installed nor released.</summary>
    public int LooseSpis => _spis.Count;

    public int FreeSpis { get; set; } = int.MaxValue;

    public Dictionary<ChildSaId, ulong> InboundPackets { get; } = [];

    public Dictionary<ChildSaId, ulong> OutboundPackets { get; } = [];

    public InstallChildSa OnlyChild => Assert.Single(Installed).Value;

    public IEnumerable<TEvent> Of<TEvent>() where TEvent : IkeEvent => Events.OfType<TEvent>();

    public IEnumerable<string> ReasonCodes => Events.SelectMany(happened => happened switch
    {
        IkeSaClosed closed => closed.Reasons,
        NegotiationRefused refused => refused.Reasons,
        ChildSaClosed closed => closed.Reasons,
        _ => [],
    }).Select(reason => reason.Code);

    public ConnectionStatus Status(Instant now, string connection = "tunnel") =>
        Engine.GetStatus(now).Connections.Single(status => status.Connection == connection);

    public void Take(IkeOutput output)
    {
        switch (output)
        {
            case EventOccurred occurred:
                Events.Add(occurred.Event);
                break;
            case InstallChildSa install:
                Assert.True(_spis.Remove(install.InboundSpi), "an SPI that was not allocated was installed");
                Installed.Add(install.Id, install);
                EverInstalled.Add(install);
                break;
            case ActivateChildSa activate:
                Assert.True(Installed.ContainsKey(activate.Id), "a child SA was activated that is not installed");
                Activated.Add(activate.Id);
                break;
            case RemoveChildSa remove:
                Assert.True(Installed.Remove(remove.Id), "a child SA was removed that is not installed");
                Removed.Add(remove);
                break;
            case UpdateChildSaPath update:
                PathUpdates.Add(update);
                Installed[update.Id] = Installed[update.Id] with { Path = update.Path };
                break;
            case OperationRequested operation:
                if (operation.Input is SignOperation)
                {
                    Signatures.Add(operation);
                    break;
                }
                Operations.Add(operation.Input);
                _asked.Enqueue(operation.Id);
                break;
            case VirtualAddressesChanged changed:
                VirtualAddresses = changed.Addresses;
                break;
            case ShutdownCompleted:
                IsShutDown = true;
                break;
        }
    }

    /// <summary>Signatures that were asked for, done or not.</summary>
    public List<OperationRequested> Signatures { get; } = [];

    /// <summary>Signs as a host would.</summary>
    public void Sign(OperationRequested operation, Instant now) => Engine.HandleCompletion(operation.Id, ((SignOperation)operation.Input).Execute(), now);

    /// <summary>What was asked for; each is answered by the next of <see cref="Answers"/>, or never.</summary>
    public List<OperationInput> Operations { get; } = [];
    public Queue<OperationResult> Answers { get; set; } = new();
    readonly Queue<OperationId> _asked = new();

    /// <summary>Answers the oldest question; false if there is none, or no answer.</summary>
    public bool TryAnswer(Instant now)
    {
        if (_asked.Count == 0 || Answers.Count == 0)
            return false;
        Engine.HandleCompletion(_asked.Dequeue(), Answers.Dequeue(), now);
        return true;
    }

    public bool TryAllocate(out uint spi)
    {
        spi = _nextSpi;
        if (_spis.Count + Installed.Count >= FreeSpis)
            return false;
        _nextSpi += 0x01010101;
        _spis.Add(spi);
        return true;
    }

    public void Release(uint spi) => Assert.True(_spis.Remove(spi), "an SPI was released that was not held");

    ulong IChildTraffic.InboundPackets(ChildSaId id) => InboundPackets.GetValueOrDefault(id);

    ulong IChildTraffic.OutboundPackets(ChildSaId id) => OutboundPackets.GetValueOrDefault(id);

    public void Dispose() => Engine.Dispose();
}
