using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Addresses;

/// <summary>Everything that peers have given this endpoint, told to its owner as a complete list whenever it changes.</summary>
sealed class VirtualAddressTable(OutputQueue outputs)
{
    readonly List<(string Connection, InternalConfiguration Configuration)> _assigned = [];

    public void Add(string connection, InternalConfiguration configuration)
    {
        _assigned.RemoveAll(entry => entry.Configuration == configuration);
        if (!configuration.Assigned.Addresses.IsEmpty)
            _assigned.Add((connection, configuration));
        Tell();
    }

    public void Remove(InternalConfiguration configuration)
    {
        if (_assigned.RemoveAll(entry => entry.Configuration == configuration) > 0)
            Tell();
    }

    void Tell() => outputs.Add(new VirtualAddressesChanged([.. _assigned.Select(entry =>
        new VirtualAddresses(entry.Connection, entry.Configuration.Assigned))]));
}
