using Ipsec.Lab.Topology.Schema;

namespace Ipsec.Lab.Tests.Topology;

public class SchemaDocumentTests
{
    [Fact]
    public void EmbeddedSchemaIsTheOneInDocs()
    {
        string json = File.ReadAllText(Path.Combine(Samples.Root, "docs", "topology.schema.json"));

        Assert.Equal(SchemaDocument.Parse(json).Definitions.Keys, SchemaDocument.Topology.Definitions.Keys);
        using Stream embedded = typeof(SchemaDocument).Assembly.GetManifestResourceStream("topology.schema.json")!;
        Assert.Equal(json, new StreamReader(embedded).ReadToEnd());
    }

    [Theory]
    [InlineData("""{ "minLength": 1 }""", "The schema keyword 'minLength' is not one that the validator knows.")]
    [InlineData("""{ "properties": { "a": { "anyOf": [] } } }""", "The schema keyword 'anyOf' is not one that the validator knows.")]
    [InlineData("""{ "$defs": { "a": { "items": { "uniqueItems": true } } } }""", "The schema keyword 'uniqueItems' is not one that the validator knows.")]
    [InlineData("""{ "$ref": "#/$defs/none" }""", "The schema has no definition 'none'.")]
    [InlineData("""{ "oneOf": [{ "items": { "$ref": "#/$defs/none" } }] }""", "The schema has no definition 'none'.")]
    [InlineData("""{ "$ref": "other.json" }""", "The schema reference 'other.json' does not begin with #/$defs/.")]
    public void KeywordOutsideTheSetIsRefused(string json, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => SchemaDocument.Parse(json)).Message);

    [Fact]
    public void EveryFormatHasAChecker() => Assert.All(All().Where(schema => schema.Format is not null), schema =>
        Assert.Equal(schema.Format, SchemaFormat.Find(schema.Format!).Name));

    [Fact]
    public void EveryFormatIsUsed() =>
        Assert.Empty(SchemaFormat.All.Select(format => format.Name).Except(All().Select(schema => schema.Format)));

    [Fact]
    public void EveryDefinitionIsUsed() => Assert.Empty(
        SchemaDocument.Topology.Definitions.Keys.Except(All().Append(SchemaDocument.Topology.Root).Select(schema => schema.Reference)));

    [Fact]
    public void PatternsAndAlternativesSayWhatTheyAcceptInWords() =>
        Assert.All(All().Where(schema => schema.Pattern is not null || !schema.OneOf.IsEmpty), schema => Assert.False(string.IsNullOrEmpty(schema.Title)));

    [Fact]
    public void NumbersAreBounded() => Assert.All(All().Where(schema => schema.Type is "integer" or "number"), schema =>
    {
        Assert.NotNull(schema.Minimum);
        Assert.NotNull(schema.Maximum);
    });

    [Fact]
    public void MappingsWithKnownKeysRefuseOthers() =>
        Assert.All(All().Where(schema => !schema.Properties.IsEmpty), schema => Assert.False(schema.AllowsAdditional));

    static IEnumerable<SchemaNode> All() => SchemaDocument.Topology.Definitions.Values.SelectMany(WithChildren);

    static IEnumerable<SchemaNode> WithChildren(SchemaNode schema) =>
        schema.Properties.Select(property => property.Value).Concat(schema.OneOf)
            .Concat(new[] { schema.Items, schema.AdditionalProperties }.OfType<SchemaNode>())
            .SelectMany(WithChildren).Prepend(schema);
}
