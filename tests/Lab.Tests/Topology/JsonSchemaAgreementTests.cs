using System.Diagnostics;
using System.Text.Json.Nodes;
using Ipsec.Lab.Tests.Topology.Arm;
using Ipsec.Lab.Topology.Schema;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>An independent implementation of JSON Schema gives the same verdict on good files and on single changes of them.</summary>
public class JsonSchemaAgreementTests
{
    const int ChangesPerFile = 120;

    [Fact]
    public void AgreesWithPythonOnGoodFilesAndSingleChanges()
    {
        string? python = FindPython();
        Assert.SkipWhen(python is null, "interop: a program is missing that ./test.sh installs as root on Debian: python3-jsonschema");
        List<MappingNode> corpus = Corpus();

        string[] theirs = Ask(python!, corpus.Select(ToJson));

        Assert.Equal(corpus.Count, theirs.Length);
        string[] disagreements = [.. corpus.Zip(theirs)
            .Select(pair => (Json: ToJson(pair.First), Ours: IsGood(pair.First) ? "good" : "bad", Theirs: pair.Second))
            .Where(verdict => verdict.Ours != verdict.Theirs)
            .Select(verdict => $"ours {verdict.Ours}, theirs {verdict.Theirs}: {verdict.Json}")];
        Assert.Empty(disagreements);
        Assert.InRange(theirs.Count(verdict => verdict == "good"), 50, corpus.Count - 50);
    }

    static bool IsGood(MappingNode root) => SchemaValidator.Validate(root, SchemaDocument.Topology).Count == 0;

    static List<MappingNode> Corpus()
    {
        Random random = new(20261122);
        List<MappingNode> corpus = [];
        foreach (string text in SampleFilesTests.Files.Select(row => Samples.Read(row.Data)).Concat([ArmSpellingTests.Shorthand, ArmSpellingTests.Full]))
        {
            Assert.True(YamlLoader.TryLoad(text, out MappingNode? root, out _));
            corpus.Add(root);
            List<NodeChange.Place> places = [.. NodeChange.Places(root)];
            for (int round = 0; round < ChangesPerFile; round++)
                corpus.Add((MappingNode)NodeChange.Apply(root, places[random.Next(places.Count)], random));
        }
        return corpus;
    }

    /// <summary>Debian's interpreter before any other, because Debian's package is in it.</summary>
    static string? FindPython() => new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(candidate =>
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(candidate, ["-c", "import jsonschema; jsonschema.Draft202012Validator"])
            {
                RedirectStandardError = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    static string[] Ask(string python, IEnumerable<string> documents)
    {
        string folder = Path.Combine(Samples.Root, "tests", "Lab.Tests", "Topology");
        using Process process = Process.Start(new ProcessStartInfo(python,
            [Path.Combine(folder, "validate.py"), Path.Combine(Samples.Root, "docs", "topology.schema.json")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        foreach (string document in documents)
            process.StandardInput.WriteLine(document);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    static string ToJson(Node node) => ToJsonNode(node)?.ToJsonString() ?? "null";

    static JsonNode? ToJsonNode(Node node) => node switch
    {
        MappingNode mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, ToJsonNode(entry.Value)))),
        SequenceNode sequence => new JsonArray([.. sequence.Items.Select(ToJsonNode)]),
        ScalarNode { Type: ScalarType.Text } text => JsonValue.Create(text.Text),
        ScalarNode { Type: ScalarType.Boolean } flag => JsonValue.Create(flag.IsTrue),
        ScalarNode { Type: ScalarType.Integer or ScalarType.Number } number => JsonNode.Parse(number.Text),
        _ => null,
    };
}
