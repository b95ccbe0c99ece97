using System.Collections.Immutable;
using Ipsec.Ike.Tests.Wire;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Two engines talk while what they say is damaged: on the wire, behind the encryption, and before it is protected. Nothing throws,
/// nothing is left behind, and when the damage stops they come together again.
/// </summary>
public class FuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void SurvivesDamageBehindTheEncryption(int seed)
    {
        var hooksA = new DamagingHooks((ulong)seed) { DamagesIncoming = true };
        var hooksB = new DamagingHooks((ulong)seed + 100) { DamagesIncoming = true };
        TalkUnderDamage(hooksA, hooksB, (ulong)seed);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void SurvivesMessagesThatWereBuiltWrongly(int seed)
    {
        var hooksA = new DamagingHooks((ulong)seed) { DamagesOutgoing = true };
        var hooksB = new DamagingHooks((ulong)seed + 100) { DamagesOutgoing = true };
        TalkUnderDamage(hooksA, hooksB, (ulong)seed);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    public void SurvivesMutatedDatagramsBesideTheTrueOnes(int seed)
    {
        var mutator = new Mutator((ulong)seed);
        using EnginePair pair = Situations.NewPair(seed: (ulong)seed);
        pair.Establish();
        int injected = 0;
        for (int round = 0; round < 10; round++)
        {
            pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
            pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
            foreach (byte[] datagram in pair.Datagrams.TakeLast(24).ToArray())
            {
                for (int i = 0; i < 25; i++, injected += 2)
                {
                    pair.Inject(pair.B, mutator.Mutate(datagram), ByzantinePeer.PathToB);
                    pair.Inject(pair.A, mutator.Mutate(datagram), ByzantinePeer.PathToB with
                    {
                        Local = ByzantinePeer.PathToB.Remote,
                        Remote = ByzantinePeer.PathToB.Local
                    });
                }
                pair.Run(TimeSpan.FromMilliseconds(15));
            }
            pair.Run(TimeSpan.FromMinutes(1));
        }
        Assert.True(injected > 3000);
        Situations.AssertAlive(pair);
        Assert.Equal(0, pair.A.LooseSpis + pair.B.LooseSpis);
    }

    static void TalkUnderDamage(DamagingHooks hooksA, DamagingHooks hooksB, ulong seed)
    {
        using EnginePair pair = Situations.NewPair(hooksA, hooksB, seed);
        for (int round = 0; round < 120; round++)
        {
            switch (round % 6)
            {
                case 0 or 3:
                    pair.Do(room => room.A.Engine.Initiate("tunnel", null, room.Now));
                    break;
                case 1:
                    pair.Do(room => room.B.Engine.RekeyChild("tunnel", null, room.Now));
                    break;
                case 2:
                    pair.Do(room => room.A.Engine.RekeyIke("tunnel", room.Now));
                    pair.Do(room => room.B.Engine.RekeyIke("tunnel", room.Now));
                    break;
                case 4:
                    pair.Do(room => room.A.Engine.RekeyChild("tunnel", null, room.Now));
                    pair.Do(room => room.B.Engine.RekeyChild("tunnel", null, room.Now));
                    break;
                default:
                    pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
                    break;
            }
            pair.Run(TimeSpan.FromSeconds(40));
        }
        Assert.True(hooksA.Damaged + hooksB.Damaged > 50, $"{hooksA.Damaged} and {hooksB.Damaged} messages damaged");

        hooksA.IsOff = hooksB.IsOff = true;
        pair.Do(room => room.A.Engine.Terminate("tunnel", room.Now));
        pair.Do(room => room.B.Engine.Terminate("tunnel", room.Now));
        pair.Run(TimeSpan.FromMinutes(10));
        Assert.Equal((0, 0), (pair.A.LooseSpis, pair.B.LooseSpis));
        Assert.Equal((0, 0), (pair.A.Installed.Count, pair.B.Installed.Count));
        pair.Establish();
        Situations.AssertAlive(pair);
    }

    /// <summary>Damages one message in three.</summary>
    sealed class DamagingHooks(ulong seed) : IMessageHooks
    {
        readonly Mutator _mutator = new(seed);

        public bool DamagesIncoming { get; init; }
        public bool DamagesOutgoing { get; init; }
        public bool IsOff { get; set; }
        public int Damaged { get; private set; }

        public void Incoming(Span<byte> payloads)
        {
            if (!DamagesIncoming || !IsDue() || payloads.IsEmpty)
                return;
            for (int changes = 1 + _mutator.Next(3); changes > 0; changes--)
                payloads[_mutator.Next(payloads.Length)] = (byte)_mutator.Next(256);
        }

        public IkeMessage? Outgoing(IkeMessage message)
        {
            if (!DamagesOutgoing || !IsDue())
                return message;
            ImmutableArray<Payload> payloads = message.Payloads;
            int at = payloads.IsEmpty ? 0 : _mutator.Next(payloads.Length);
            ImmutableArray<Payload> foreign = MessageSamples.All[_mutator.Next(MessageSamples.All.Length)].Message.Payloads;
            return _mutator.Next(8) switch
            {
                0 => null,
                1 when !payloads.IsEmpty => message with { Payloads = payloads.RemoveAt(at) },
                2 when !payloads.IsEmpty => message with { Payloads = payloads.Add(payloads[at]) },
                3 => message with { Payloads = payloads.InsertRange(at, foreign) },
                4 => message with { Payloads = foreign },
                5 => message with
                {
                    Payloads = payloads.Insert(at, new OpaquePayload((PayloadType)(128 + _mutator.Next(100)), new byte[3])
                    { IsCritical = _mutator.Next(2) == 0 })
                },
                6 => message with { Header = message.Header with { Exchange = (ExchangeType)(34 + _mutator.Next(5)) } },
                _ => message with { Header = message.Header with { MessageId = message.Header.MessageId + (uint)_mutator.Next(3) - 1 } },
            };
        }

        bool IsDue()
        {
            bool isDue = !IsOff && _mutator.Next(3) == 0;
            Damaged += isDue ? 1 : 0;
            return isDue;
        }
    }
}
