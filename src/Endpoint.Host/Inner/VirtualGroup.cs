using System.Collections.Immutable;
using System.Security.Cryptography;
using Ipsec.EndpointHost.Engine;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>The virtual hosts behind a node, and the instances through which they reach the other side: flow by flow one of those whose tunnels are
/// up.</summary>
sealed class VirtualGroup
{
    readonly Lock _lock = new();
    readonly HostClock _clock;
    readonly VirtualHosts _hosts;
    readonly FlowHash _hash = new(RandomNumberGenerator.GetBytes(FlowHash.KeyLength));
    ImmutableArray<VirtualInnerSide> _members = [];

    public VirtualGroup(ImmutableArray<HostDefinition> hosts, HostClock clock)
    {
        _clock = clock;
        _hosts = new VirtualHosts(hosts, Send);
    }

    public void Join(VirtualInnerSide member) => ImmutableInterlocked.Update(ref _members, members => members.Add(member));

    public void Leave(VirtualInnerSide member) => ImmutableInterlocked.Update(ref _members, members => members.Remove(member));

    public void Receive(byte[] packet)
    {
        lock (_lock)
            _hosts.Receive(packet, _clock.Monotonic);
    }

    /// <summary>False if there is no such host.</summary>
    public bool TryPing(string host, IpAddress destination, int dataLength, TimeSpan timeout, Action<TimeSpan?> completed)
    {
        lock (_lock)
            return _hosts.TryPing(host, destination, dataLength, timeout, _clock.Monotonic, completed);
    }

    /// <summary>Does what is due and says how long there is nothing; null while nothing is to come.</summary>
    public TimeSpan? HandleTimeout()
    {
        lock (_lock)
        {
            _hosts.HandleTimeout(_clock.Monotonic);
            return _hosts.NextTimeout - _clock.Monotonic;
        }
    }

    void Send(byte[] packet)
    {
        ImmutableArray<VirtualInnerSide> members = _members;
        if (members.IsEmpty || !IpPacket.TryParse(packet, out IpPacket view))
            return;
        int chosen = 0;
        if (members.Length > 1)
        {
            IpAddress destination = view.Destination;
            int[] up = [.. Enumerable.Range(0, members.Length).Where(index => members[index].Carries(destination))];
            chosen = FlowHash.Choose(_hash.Compute(view), up.Length > 0 ? up : [.. Enumerable.Range(0, members.Length)]);
        }
        members[chosen].Send(packet);
    }
}
