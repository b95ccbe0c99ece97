using System.Collections.Immutable;
using System.Text;
using Ipsec.Lab.Tests.Topology.Arm;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>A topology file is read or refused with a place and a sentence; it never throws, however it is broken.</summary>
public class TopologyMutationTests
{
    static readonly string[] Files = ["site-to-site.yaml", "arm-resources.yaml", "device-to-device.yaml", "ipsec-policy.yaml", "lossy-wire.yaml",
        "ipv6-inside.yaml"];

    [Fact]
    public void TruncationAtEveryLengthIsReadOrRefused()
    {
        string text = Samples.Read("site-to-site.yaml");
        for (int length = 0; length < text.Length; length++)
            Check(text[..length]);
    }

    [Fact]
    public void SeededMutationsAreReadOrRefused()
    {
        const string Characters = "{}[]:,-\"'#&*!|>%@ \n\ta0.1/~";
        Random random = new(20261122);
        foreach (string original in Files.Select(Samples.Read).Concat([ArmSpellingTests.Shorthand, ArmSpellingTests.Full]))
        {
            for (int round = 0; round < 400; round++)
            {
                StringBuilder text = new(original);
                for (int change = random.Next(1, 4); change > 0; change--)
                {
                    int position = random.Next(text.Length);
                    switch (random.Next(3))
                    {
                        case 0:
                            text[position] = Characters[random.Next(Characters.Length)];
                            break;
                        case 1:
                            text.Insert(position, Characters[random.Next(Characters.Length)]);
                            break;
                        default:
                            text.Remove(position, Math.Min(random.Next(1, 8), text.Length - position));
                            break;
                    }
                }
                Check(text.ToString());
            }
        }
    }

    static void Check(string text)
    {
        bool isGood = TopologyFile.TryLoad(text, "test.yaml", new MemorySecrets(), out TopologyModel? model, out ImmutableArray<TopologyError> errors);

        Assert.Equal(isGood, model is not null);
        Assert.Equal(isGood, errors.IsEmpty);
        Assert.All(errors, error =>
        {
            Assert.True(error.Line >= 1 && error.Column >= 1);
            Assert.EndsWith(".", error.Message);
            Assert.DoesNotContain(error.ToString(), char.IsControl);
        });
    }
}
