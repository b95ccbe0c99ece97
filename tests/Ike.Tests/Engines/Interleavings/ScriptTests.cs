using System.Globalization;
using Ipsec.Ike.Configuration;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>Exchanges that meet each other (RFC 7296 §2.8, §2.25), in every order of arrival.</summary>
public class ScriptTests(ITestOutputHelper output)
{
    /// <summary>More interleavings of each script than the tests run; for by hand.</summary>
    const string BoundVariable = "IPSEC_INTERLEAVINGS";

    public static TheoryData<string> Names => [.. Scripts.All.Select(script => script.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryOrderOfArrivalEndsInAgreement(string name)
    {
        Script script = Scripts.All.Single(candidate => candidate.Name == name);
        int bound = Environment.GetEnvironmentVariable(BoundVariable) is string text ? int.Parse(text, CultureInfo.InvariantCulture) : script.Bound;
        var losers = new SortedSet<string>();
        for (ulong seed = 1; seed <= 2; seed++)
        {
            var exploration = new Exploration(script, seed);
            bool isComplete = exploration.Run(bound);
            losers.UnionWith(exploration.Losers);
            output.WriteLine($"{script.Name}, seed {seed}: {exploration.Interleavings} interleavings{(isComplete ? "" : " (bounded)")}, at most " +
                $"{exploration.Deepest} choices");
        }
        Assert.True(!script.EitherMayLose || losers.Count == 2, "one side never lost");
    }
}
