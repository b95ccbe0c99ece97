using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Lab.Topology.Schema;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology;

/// <summary>The one file format (D7): Azure resources, sites with devices, virtual hosts, wires and expectations.</summary>
public static class TopologyFile
{
    /// <summary>Reads and checks a whole file: YAML, schema, Azure's rules, references between its parts.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="fileName">For the errors.</param>
    /// <param name="secrets">Reads key files and environment variables.</param>
    /// <param name="model">The caller disposes the keys in its nodes' configurations.</param>
    /// <param name="errors">Empty on success; otherwise at least one, in the order of the file.</param>
    public static bool TryLoad(string text, string fileName, ISecretSource secrets, [NotNullWhen(true)] out TopologyModel? model,
        out ImmutableArray<TopologyError> errors)
    {
        model = null;
        ErrorList list = new(fileName);
        using SecretReader reader = new(secrets, list);
        CredentialReader credentials = new(secrets, reader, list);
        if (!YamlLoader.TryLoad(text, out MappingNode? root, out YamlProblem problem))
            list.Add(problem.Mark, "", problem.Message);
        else if (IsValid(root, list))
            model = new TopologyReader(list, reader, credentials).Read(root);
        if (model is null)
            credentials.Discard();
        errors = list.ToImmutable();
        return model is not null;
    }

    static bool IsValid(MappingNode root, ErrorList errors)
    {
        SchemaViolation[] expressions = [.. ArmExpressions.In(root)];
        HashSet<Mark> told = [.. expressions.Select(expression => expression.Mark)];
        IEnumerable<SchemaViolation> others = SchemaValidator.Validate(root, SchemaDocument.Topology).Where(violation => !told.Contains(violation.Mark));
        foreach (SchemaViolation violation in expressions.Concat(others))
            errors.Add(violation.Mark, violation.Key, violation.Message, ArmPaths.Of(violation.Path, root));
        return errors.IsEmpty;
    }
}
