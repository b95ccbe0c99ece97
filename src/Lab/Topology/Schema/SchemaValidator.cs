using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Schema;

/// <summary>Checks a file against the schema and says in words what does not fit.</summary>
sealed class SchemaValidator
{
    readonly SchemaDocument _document;
    readonly List<string> _path = [];
    List<SchemaViolation> _violations = [];

    SchemaValidator(SchemaDocument document) => _document = document;

    /// <summary>Every violation, in the order of the file's keys.</summary>
    public static IReadOnlyList<SchemaViolation> Validate(Node root, SchemaDocument document)
    {
        SchemaValidator validator = new(document);
        validator.Check(root, document.Root);
        return validator._violations;
    }

    void Check(Node node, SchemaNode schema)
    {
        if (schema.Reference is string name)
            Check(node, _document.Definition(name));
        if (schema.Type is string type && !SchemaTypes.Matches(node, type))
        {
            string wanted = schema.Format is string expected ? SchemaFormat.Find(expected).Accepted : SchemaTypes.InWords(type);
            Add(node.Mark, $"must be {wanted}{Unquoted(node, type)}, not {Shown(node)}");
            return;
        }
        if (!schema.OneOf.IsEmpty)
            CheckOneOf(node, schema);
        switch (node)
        {
            case MappingNode mapping:
                CheckMapping(mapping, schema);
                break;
            case SequenceNode sequence when schema.Items is SchemaNode items:
                for (int index = 0; index < sequence.Items.Length; index++)
                    Descend($"[{index}]", sequence.Items[index], items);
                break;
        }
        CheckValue(node, schema);
    }

    void CheckMapping(MappingNode mapping, SchemaNode schema)
    {
        string[] missing = [.. schema.Required.Where(required => mapping[required] is null)];
        if (missing.Length > 0)
            Add(mapping.Mark, $"must have the {(missing.Length == 1 ? "key" : "keys")} {string.Join(", ", missing)}");
        foreach ((ScalarNode key, Node value) in mapping.Entries)
        {
            SchemaNode? property = schema.FindProperty(key.Text) ?? schema.AdditionalProperties;
            if (property is not null)
                Descend(key.Text, value, property);
            else if (!schema.AllowsAdditional)
            {
                _path.Add(key.Text);
                Add(key.Mark, $"is not a known key; accepted here: {string.Join(", ", schema.Properties.Select(known => known.Key))}");
                _path.RemoveAt(_path.Count - 1);
            }
        }
    }

    void CheckValue(Node node, SchemaNode schema)
    {
        if (!schema.Enum.IsEmpty && !(node is ScalarNode { Type: ScalarType.Text } choice && schema.Enum.Contains(choice.Text)))
            Add(node.Mark, $"must be {SchemaTypes.Choice(schema.Enum)}, not {Shown(node)}");
        if (schema.Const is string only && !IsConst(node, schema))
            Add(node.Mark, $"must be {only}{(schema.IsBooleanConst ? Unquoted(node, "boolean") : "")}, not {Shown(node)}");
        if (node is not ScalarNode scalar)
            return;
        if (scalar.Type == ScalarType.Text && schema.Pattern is not null && !schema.Pattern.IsMatch(scalar.Text))
            Add(node.Mark, $"must be {schema.Title}, not {Shown(node)}");
        if (scalar.Type == ScalarType.Text && schema.Format is string format && !SchemaFormat.Find(format).IsValid(scalar.Text))
            Add(node.Mark, $"must be {SchemaFormat.Find(format).Accepted}, not {Shown(node)}");
        if (scalar.Type is ScalarType.Integer or ScalarType.Number)
            CheckRange(scalar, schema);
    }

    /// <summary>Templates have quotes around what would be of the right type without them.</summary>
    static string Unquoted(Node node, string type) => node is ScalarNode { Type: ScalarType.Text } text && type != "string"
        && SchemaTypes.Matches(new ScalarNode(text.Mark, text.Text, ScalarTypes.Of(text.Text)), type) ? " without quotes" : "";

    static bool IsConst(Node node, SchemaNode schema) => node is ScalarNode scalar
        && (schema.IsBooleanConst ? scalar.Type == ScalarType.Boolean && scalar.IsTrue == (schema.Const == "true")
            : scalar.Type == ScalarType.Text && scalar.Text == schema.Const);

    void CheckRange(ScalarNode scalar, SchemaNode schema)
    {
        if (schema.Minimum is null && schema.Maximum is null)
            return;
        // A number that no decimal holds is outside every range of this format.
        bool isInside = decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value)
            && value >= (schema.Minimum ?? decimal.MinValue) && value <= (schema.Maximum ?? decimal.MaxValue);
        if (!isInside)
            Add(scalar.Mark, $"must be {schema.Minimum} to {schema.Maximum}, not {Shown(scalar)}");
    }

    /// <summary>Exactly one form must fit. Where none does, the violations of the form that was plainly meant are reported.</summary>
    void CheckOneOf(Node node, SchemaNode schema)
    {
        List<SchemaViolation> outer = _violations;
        List<(SchemaNode Form, List<SchemaViolation> Violations)> attempts = [];
        foreach (SchemaNode form in schema.OneOf)
        {
            _violations = [];
            Check(node, form);
            attempts.Add((form, _violations));
        }
        _violations = outer;
        if (attempts.Count(attempt => attempt.Violations.Count == 0) == 1)
            return;
        List<(SchemaNode Form, List<SchemaViolation> Violations)> meant = [.. attempts.Where(attempt =>
            attempt.Violations.Count > 0 && SchemaTypes.Matches(node, KindOf(attempt.Form)) && !BreaksConst(node, attempt.Form))];
        if (meant.Count == 1)
            _violations.AddRange(meant[0].Violations);
        else
            Add(node.Mark, $"must be {schema.Title}, not {Shown(node)}");
    }

    string KindOf(SchemaNode form) => form.Type ?? (form.Reference is string name ? KindOf(_document.Definition(name)) : "object");

    /// <summary>A form with a constant property, such as a resource's type, is not meant where the file says another constant.</summary>
    bool BreaksConst(Node node, SchemaNode form)
    {
        SchemaNode target = form.Reference is string name ? _document.Definition(name) : form;
        return node is MappingNode mapping && target.Properties.Any(property =>
            property.Value.Const is not null && !property.Value.IsBooleanConst && !(mapping[property.Key] is Node value && IsConst(value, property.Value)));
    }

    void Descend(string step, Node node, SchemaNode schema)
    {
        _path.Add(step);
        Check(node, schema);
        _path.RemoveAt(_path.Count - 1);
    }

    // A key that was written as a number is still a key.
    string Shown(Node node) => SchemaTypes.Shown(node, withText: !_path.Exists(IsSecret));

    static bool IsSecret(string key) => key is "sharedKey" or "ppk" or "privateKey" or "privateKeyPassword";

    void Add(Mark mark, string message) => _violations.Add(new SchemaViolation(mark, [.. _path], message));
}
