using System.Collections.Immutable;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>
/// The outer network of a topology: one wire per node, the internet between them, and a NAT with a public wire of its own
/// wherever nodes share a NAT address.
/// </summary>
sealed class OuterNetwork
{
    readonly Scheduler _scheduler;
    readonly ulong _seed;
    readonly INetworkObserver _observer;
    readonly NatOptions _natOptions;
    readonly Internet _internet;
    readonly SortedDictionary<IpAddress, NatBox> _nats = [];

    public OuterNetwork(Scheduler scheduler, ulong seed, INetworkObserver observer, NatOptions? natOptions = null)
    {
        _scheduler = scheduler;
        _seed = seed;
        _observer = observer;
        _natOptions = natOptions ?? new NatOptions();
        _internet = new Internet(observer);
    }

    /// <summary>The NAT boxes, by public address.</summary>
    public IEnumerable<NatBox> Nats => _nats.Values;

    /// <summary>Joins a node; it sends with <see cref="Wire.SendFromNear"/>.</summary>
    /// <param name="label">The name of the node and of its wire.</param>
    /// <exception cref="ArgumentException">Another node has the address.</exception>
    public Wire Join(string label, NodeDefinition node, ImmutableArray<WireDefinition> conditions, Action<byte[]> receive)
    {
        WireDefinition condition = conditions.FirstOrDefault(wire => wire.Node == node.Name) ?? new WireDefinition { Node = node.Name };
        if (node.NatAddress is not IpAddress natAddress)
        {
            Wire wire = CreateWire(label, condition, receive, _internet.Forward);
            _internet.Attach(node.OuterAddress, wire);
            foreach (IpAddress additional in node.AdditionalAddresses)
                _internet.Attach(additional, wire);
            return wire;
        }
        NatBox nat = _nats.TryGetValue(natAddress, out NatBox? existing) ? existing : CreateNat(label, natAddress);
        Wire inside = CreateWire(label, condition, receive, nat.ReceiveFromInside);
        nat.AttachInside(node.OuterAddress, inside);
        return inside;
    }

    /// <summary>The NAT in front of a node; null if there is none.</summary>
    public NatBox? NatOf(NodeDefinition node) => node.NatAddress is IpAddress address ? _nats[address] : null;

    /// <summary>A node has another address on its wire.</summary>
    public void Move(NodeDefinition node, IpAddress from, IpAddress to, Wire wire)
    {
        if (NatOf(node) is NatBox nat)
        {
            nat.DetachInside(from);
            nat.AttachInside(to, wire);
            return;
        }
        _internet.Detach(from);
        _internet.Attach(to, wire);
    }

    NatBox CreateNat(string label, IpAddress natAddress)
    {
        string name = $"{label}-nat";
        var nat = new NatBox(name, natAddress, _natOptions, _scheduler, _observer);
        Wire wire = CreateWire(name, new WireDefinition { Node = name }, nat.ReceiveFromOutside, _internet.Forward);
        nat.PublicWire = wire;
        _internet.Attach(natAddress, wire);
        _nats.Add(natAddress, nat);
        return nat;
    }

    Wire CreateWire(string name, WireDefinition conditions, Action<byte[]> near, Action<byte[]> far) =>
        new(name, conditions, _scheduler, new SeededRandomSource(_seed, $"wire {name}"), _observer) { Near = near, Far = far };
}
