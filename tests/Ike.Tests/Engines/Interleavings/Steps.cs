using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>What scripts are made of.</summary>
static class Steps
{
    public static Step RekeyChild(string node) => new($"{node} rekeys the child SA", room => room[node].Engine.RekeyChild("tunnel", null, room.Now));

    public static Step RekeyIke(string node) => new($"{node} rekeys the IKE SA", room => room[node].Engine.RekeyIke("tunnel", room.Now));

    public static Step Initiate(string node, string? child = null) =>
        new($"{node} initiates {child ?? "everything"}", room => room[node].Engine.Initiate("tunnel", child, room.Now));

    public static Step Terminate(string node) => new($"{node} terminates", room => room[node].Engine.Terminate("tunnel", room.Now));

    public static Step Restart(string node) => new($"{node} restarts", room => room.Restart(node));

    /// <summary>The newest child SA is used up: it is deleted, and another one made where one is wanted.</summary>
    public static Step ReachHardLimit(string node) => new($"the child SA of {node} reaches its hard limit", room =>
    {
        if (room[node].Installed.Count > 0)
            room[node].Engine.HandleHardLimit(room[node].Installed.Keys.MaxBy(id => id.Value), room.Now);
    });

    /// <summary>An unprotected hint that the peer lost its state, which changes nothing but makes the node ask (RFC 7296 §2.21.4).</summary>
    public static Step AskWhetherAlive(string node) => new($"{node} asks whether its peer is alive", room =>
    {
        if (room[node].Status(room.Now).IkeSas is not [IkeSaSnapshot ike, ..])
            return;
        IkeHeaderFlags flags = ike.IsInitiator ? IkeHeaderFlags.None : IkeHeaderFlags.Initiator;
        var hint = new IkeMessage(new IkeHeader(ike.InitiatorSpi, ike.ResponderSpi, ExchangeType.Informational, flags, 99),
            [new NotifyPayload(NotifyType.InvalidIkeSpi)]);
        room[node].Engine.HandleDatagram(MessageWriter.Write(hint), ike.Path, room.Now);
    });
}
