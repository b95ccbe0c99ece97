using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Net;
using static Ipsec.Ike.Tests.Engines.Interleavings.Steps;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>The scripts, by the names of what meets what.</summary>
static class Scripts
{
    public static readonly ImmutableArray<Script> All =
    [
        new("child-rekey-child-rekey") { Steps = [RekeyChild("A"), RekeyChild("B")], EitherMayLose = true },
        new("child-rekey-child-rekey-late") { Steps = [RekeyChild("A"), RekeyChild("B")], Waits = 1 },
        new("child-rekey-child-rekey-loss") { Steps = [RekeyChild("A"), RekeyChild("B")], Losses = 1 },
        new("child-rekey-child-rekey-copy") { Steps = [RekeyChild("A"), RekeyChild("B")], Copies = 1 },
        new("child-rekey-twice") { Steps = [RekeyChild("A"), RekeyChild("B"), RekeyChild("B")] },
        new("ike-rekey-ike-rekey") { Steps = [RekeyIke("A"), RekeyIke("B")] },
        new("ike-rekey-ike-rekey-late") { Steps = [RekeyIke("A"), RekeyIke("B")], Waits = 1 },
        new("ike-rekey-ike-rekey-loss") { Steps = [RekeyIke("A"), RekeyIke("B")], Losses = 1 },
        new("ike-rekey-ike-rekey-copy") { Steps = [RekeyIke("A"), RekeyIke("B")], Copies = 1 },
        new("child-rekey-ike-rekey") { Steps = [RekeyChild("A"), RekeyIke("B")] },
        new("child-rekey-ike-rekey-late") { Steps = [RekeyChild("A"), RekeyIke("B")], Waits = 1 },
        new("child-rekey-ike-rekey-both") { Steps = [RekeyChild("A"), RekeyIke("A"), RekeyChild("B"), RekeyIke("B")] },
        new("ike-rekey-child-rekey") { Steps = [RekeyIke("A"), RekeyChild("B")] },
        new("child-delete-child-rekey") { Steps = [ReachHardLimit("A"), RekeyChild("B")], TrafficMustNotStop = false },
        new("child-delete-child-delete") { Steps = [ReachHardLimit("A"), ReachHardLimit("B")], TrafficMustNotStop = false },
        new("child-delete-child-rekey-child-rekey") { Steps = [ReachHardLimit("A"), RekeyChild("A"), RekeyChild("B")], TrafficMustNotStop = false },
        new("child-delete-ike-rekey") { Steps = [ReachHardLimit("A"), RekeyIke("B")], TrafficMustNotStop = false },
        new("ike-delete-child-rekey") { Steps = [Terminate("A"), RekeyChild("B")], TrafficMustNotStop = false },
        new("ike-delete-ike-rekey") { Steps = [Terminate("A"), RekeyIke("B")], TrafficMustNotStop = false },
        new("ike-delete-own-ike-rekey") { Steps = [RekeyIke("A"), RekeyIke("B"), Terminate("A")], TrafficMustNotStop = false },
        new("ike-delete-ike-delete") { Steps = [Terminate("A"), Terminate("B")], TrafficMustNotStop = false },
        new("liveness-ike-rekey") { Steps = [AskWhetherAlive("A"), RekeyIke("B")] },
        new("liveness-child-rekey-child-rekey") { Steps = [AskWhetherAlive("A"), RekeyChild("A"), RekeyChild("B")] },
        new("init-init") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true },
        new("init-init-late") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true, Waits = 1 },
        new("init-init-loss") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true, Losses = 1 },
        new("init-init-keep") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true, Connection = connection =>
            connection with { DuplicatePolicy = DuplicatePolicy.Keep } },
        new("init-init-never") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true, Connection = connection =>
            connection with { DuplicatePolicy = DuplicatePolicy.Never } },
        new("init-init-cookie") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true,
            Options = new IkeEngineOptions { CookieThreshold = 0 } },
        new("init-init-udp") { Given = Nothing, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false, EndsUp = true, Connection = connection =>
            connection with { ForceUdpEncapsulation = true } },
        new("new-child-new-child") { Steps = [Initiate("A", "second"), Initiate("B", "second")], Children = ["net", "second"], TrafficMustNotStop = false,
            EndsUp = true, Connection = WithSecondChild },
        new("new-child-new-child-late") { Steps = [Initiate("A", "second"), Initiate("B", "second")], Children = ["net", "second"], TrafficMustNotStop = false,
            EndsUp = true, Connection = WithSecondChild, Waits = 1 },
        new("new-child-new-child-loss") { Steps = [Initiate("A", "second"), Initiate("B", "second")], Children = ["net", "second"], TrafficMustNotStop = false,
            EndsUp = true, Connection = WithSecondChild, Losses = 1 },
        new("new-child-ike-rekey") { Steps = [Initiate("A", "second"), RekeyIke("B")], Children = ["net", "second"], TrafficMustNotStop = false,
            Connection = WithSecondChild },
        new("invalid-ke-child-rekey-child-rekey") { Steps = [RekeyChild("A"), RekeyChild("B")], Connection = WithGroupsThatDiffer },
        new("invalid-ke-child-rekey-child-rekey-late") { Steps = [RekeyChild("A"), RekeyChild("B")], Connection = WithGroupsThatDiffer, Waits = 1 },
        new("invalid-ke-ike-rekey-ike-rekey") { Steps = [RekeyIke("A"), RekeyIke("B")], Connection = WithGroupsThatDiffer },
        new("invalid-ke-ike-rekey-ike-rekey-late") { Steps = [RekeyIke("A"), RekeyIke("B")], Connection = WithGroupsThatDiffer, Waits = 1 },
        new("restart") { Steps = [Restart("B")], Connection = KeptUp, TrafficMustNotStop = false, EndsUp = true },
        new("restart-both") { Steps = [Restart("A"), Restart("B")], Connection = KeptUp, TrafficMustNotStop = false, EndsUp = true },
        new("restart-child-rekey") { Steps = [RekeyChild("A"), Restart("B")], Connection = KeptUp, TrafficMustNotStop = false, EndsUp = true },
        new("restart-ike-rekey") { Steps = [RekeyIke("A"), Restart("B")], Connection = KeptUp, TrafficMustNotStop = false, EndsUp = true },
        new("restart-init-init") { Given = Nothing, Steps = [Initiate("A"), Initiate("B"), Restart("B")], Connection = KeptUp, TrafficMustNotStop = false,
            EndsUp = true },
    ];

    static void Nothing(Room room)
    {
    }

    static ConnectionConfiguration WithSecondChild(ConnectionConfiguration connection)
    {
        ChildConfiguration first = connection.Children[0];
        ChildConfiguration second = first with
        {
            Name = "second",
            LocalSelectors = Turned(first.LocalSelectors),
            RemoteSelectors = Turned(first.RemoteSelectors)
        };
        return connection with { Children = [first, second] };
    }

    /// <summary>10.x becomes 172.16.x: another network on both sides.</summary>
    static ImmutableArray<TrafficSelector> Turned(ImmutableArray<TrafficSelector> selectors) =>
        Connections.Selectors([.. selectors.Select(selector => selector.ToString().StartsWith("10.1.", StringComparison.Ordinal) ? "172.16.1.0/24"
            : "172.16.2.0/24")]);

    /// <summary>Each side prefers the group that the other one takes only after it was told to.</summary>
    static ConnectionConfiguration WithGroupsThatDiffer(ConnectionConfiguration connection)
    {
        bool isA = connection.RemoteAddress == Connections.AddressB;
        string ours = isA ? "curve25519-ecp256" : "ecp256-curve25519", taken = isA ? "curve25519" : "ecp256";
        return connection with
        {
            InitiatorProposals = Connections.Ike($"aes256gcm16-prfsha256-{ours}"),
            ResponderProposals = Connections.Ike($"aes256gcm16-prfsha256-{taken}"),
            Children = [connection.Children[0] with { InitiatorProposals = Connections.Esp($"aes256gcm16-{ours}"),
                ResponderProposals = Connections.Esp($"aes256gcm16-{taken}") }],
        };
    }

    static ConnectionConfiguration KeptUp(ConnectionConfiguration connection) =>
        connection with { StartAction = StartAction.Start, DeadPeerDetectionDelay = TimeSpan.FromSeconds(20) };
}
