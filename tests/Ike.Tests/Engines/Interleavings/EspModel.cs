using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>
/// What a data path does with the child SAs that an engine has it install (D4): which one sends, and what is still received. Of several that may
/// send the one installed last does; one that waits sends when it has received, or when the one that it waits for is gone.
/// </summary>
sealed class EspModel
{
    readonly List<Sa> _sas = [];

    public void Take(IkeOutput output)
    {
        switch (output)
        {
            case InstallChildSa install:
                bool waits = install.Activation == OutboundActivation.OnFirstInbound && _sas.Exists(sa => sa.Id == install.Replaces && sa.Sends);
                _sas.Add(new Sa(install.Id, install.Child, install.InboundSpi, install.OutboundSpi) { IsActive = !waits, WaitsFor = install.Replaces });
                break;
            case ActivateChildSa activate:
                _sas.Find(sa => sa.Id == activate.Id)!.IsActive = true;
                break;
            case RemoveChildSa remove:
                Sa removed = _sas.Find(sa => sa.Id == remove.Id)!;
                removed.Sends = false;
                foreach (Sa waiting in _sas.Where(sa => sa.WaitsFor == removed.Id))
                    waiting.IsActive = true;
                if (remove.InboundGrace == TimeSpan.Zero)
                    _sas.Remove(removed);
                break;
        }
    }

    /// <summary>The outbound SPI that a packet for this child would leave with; null where nothing can carry it.</summary>
    public uint? Sending(string child) =>
        (_sas.FindLast(sa => sa.Child == child && sa is { Sends: true, IsActive: true }) ?? _sas.FindLast(sa => sa.Child == child && sa.Sends))?.OutboundSpi;

    /// <summary>A packet arrives. The SA that took it, and whether it is the first one there; null where it is lost.</summary>
    public ChildSaId? Receive(uint spi, out bool isFirst)
    {
        Sa? sa = _sas.Find(candidate => candidate.InboundSpi == spi);
        isFirst = sa is { HasReceived: false };
        if (sa is null)
            return null;
        sa.IsActive = sa.HasReceived = true;
        return sa.Id;
    }

    sealed class Sa(ChildSaId id, string child, uint inboundSpi, uint outboundSpi)
    {
        public ChildSaId Id { get; } = id;
        public string Child { get; } = child;
        public uint InboundSpi { get; } = inboundSpi;
        public uint OutboundSpi { get; } = outboundSpi;
        public ChildSaId? WaitsFor { get; init; }
        public bool IsActive { get; set; }
        public bool Sends { get; set; } = true;
        public bool HasReceived { get; set; }
    }
}
