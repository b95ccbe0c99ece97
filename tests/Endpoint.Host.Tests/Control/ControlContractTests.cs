using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ipsec.EndpointHost.Control;

namespace Ipsec.EndpointHost.Tests.Control;

/// <summary>docs/control-api.md is the contract: its examples are exactly the documents that the code knows, member by member.</summary>
public partial class ControlContractTests
{
    static readonly ImmutableArray<string> Examples = [.. JsonBlock().Matches(File.ReadAllText(ContractPath())).Select(match => match.Groups[1].Value)];

    [Fact]
    public void TheStatusExampleHasEveryMemberAndNoOther() => AssertSame<StatusDocument>(Examples[0]);

    [Fact]
    public void TheCommandExampleHasEveryMemberAndNoOther() => AssertSame<CommandRequest>(Examples[1]);

    [Fact]
    public void TheAnswerExampleHasEveryMemberAndNoOther() => AssertSame<CommandResponse>(Examples[2]);

    [Fact]
    public void TheEventExampleHasNoMemberThatTheCodeDoesNotKnow()
    {
        EventDocument document = JsonSerializer.Deserialize<EventDocument>(Examples[3], Strict(JsonIgnoreCondition.WhenWritingNull))!;

        Assert.Equal(Members(Examples[3]), Members(JsonSerializer.Serialize(document, Strict(JsonIgnoreCondition.WhenWritingNull))));
    }

    [Fact]
    public void EveryMemberOfAnEventIsExplained()
    {
        string contract = File.ReadAllText(ContractPath());

        Assert.All(typeof(EventDocument).GetProperties().Where(property => property.Name != "EqualityContract"),
            property => Assert.Contains($"`{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}`", contract));
    }

    static void AssertSame<T>(string example)
    {
        T document = JsonSerializer.Deserialize<T>(example, Strict(JsonIgnoreCondition.Never))!;

        Assert.Equal(Members(example), Members(JsonSerializer.Serialize(document, Strict(JsonIgnoreCondition.Never))));
    }

    static JsonSerializerOptions Strict(JsonIgnoreCondition ignore) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = ignore,
    };

    /// <summary>The paths of all members, "tunnels[].ikeSa.role".</summary>
    static SortedSet<string> Members(string json)
    {
        var members = new SortedSet<string>(StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json);
        Collect(document.RootElement, "", members);
        return members;
    }

    static void Collect(JsonElement element, string path, SortedSet<string> members)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                members.Add($"{path}.{property.Name}");
                Collect(property.Value, $"{path}.{property.Name}", members);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                Collect(item, $"{path}[]", members);
        }
    }

    static string ContractPath([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "docs", "control-api.md");

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
