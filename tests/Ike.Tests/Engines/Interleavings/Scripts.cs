using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using static Ipsec.Ike.Tests.Engines.Interleavings.Steps;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>The scripts, by the names of what meets what.</summary>
static class Scripts
{
    public static readonly ImmutableArray<Script> All =
    [
        new("child-rekey-child-rekey") { Steps = [RekeyChild("A"), RekeyChild("B")] },
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
        new("init-init") { Given = _ => { }, Steps = [Initiate("A"), Initiate("B")], TrafficMustNotStop = false },
    ];
}
