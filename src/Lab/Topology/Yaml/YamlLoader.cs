using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Ipsec.Lab.Topology.Yaml;

/// <summary>Reads one YAML document into nodes that know their place. Size, depth and what aliases expand to are bounded.</summary>
sealed class YamlLoader
{
    /// <summary>Characters.</summary>
    public const int MaximumLength = 1 << 20;
    public const int MaximumDepth = 32;

    /// <summary>Nodes, an alias counted with everything it stands for.</summary>
    public const int MaximumNodes = 50_000;

    readonly Parser _parser;
    readonly Dictionary<string, (Node Node, int Size)> _anchors = [];
    int _nodes;

    YamlLoader(string text) => _parser = new Parser(new StringReader(text));

    /// <param name="problem">What is wrong with the text, and where.</param>
    public static bool TryLoad(string text, [NotNullWhen(true)] out MappingNode? root, out YamlProblem problem)
    {
        root = null;
        problem = default;
        if (text.Length > MaximumLength)
        {
            problem = new YamlProblem(new Mark(1, 1), $"is longer than {MaximumLength:N0} characters");
            return false;
        }
        YamlLoader loader = new(text);
        try
        {
            root = loader.LoadDocument();
            return true;
        }
        catch (YamlProblemException exception)
        {
            problem = exception.Problem;
        }
        catch (YamlException exception)
        {
            Mark mark = exception.Message.Contains("tab as indentation") ? loader.TabBehind(text) : MarkOf(exception.Start);
            problem = new YamlProblem(mark, $"is not valid YAML: {Clause(exception)}");
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner ends a multi-line plain scalar inside [ or { this way; it has a place, and no words for it.
            problem = new YamlProblem(MarkOf(loader._parser.Current?.End ?? default), "is not valid YAML behind this place: a bracket or brace is not closed");
        }
        return false;
    }

    /// <summary>YamlDotNet's scanner gives no place for a tab; it is the first one at a line's beginning behind what was read.</summary>
    Mark TabBehind(string text)
    {
        string[] lines = text.Split('\n');
        int read = MarkOf(_parser.Current?.End ?? default).Line;
        int found = Array.FindIndex(lines, Math.Min(Math.Max(read - 1, 0), lines.Length - 1), line => line.TrimStart(' ').StartsWith('\t'));
        return found < 0 ? new Mark(1, 1) : new Mark(found + 1, lines[found].IndexOf('\t') + 1);
    }

    MappingNode LoadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
            throw Problem(new Mark(1, 1), "is empty; a topology has at least the key name");
        Node node = LoadNode(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out DocumentStart? second))
            throw Problem(MarkOf(second.Start), "has a second document; a topology is one");
        return node as MappingNode ?? throw Problem(node.Mark, $"must be a mapping with the key name, not {node.Kind}");
    }

    Node LoadNode(int depth)
    {
        ParsingEvent next = _parser.Current ?? throw Problem(new Mark(1, 1), "ends too early");
        Mark mark = MarkOf(next.Start);
        if (depth > MaximumDepth)
            throw TooDeep(mark);
        if (_parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
            return Resolve(alias, mark, depth);
        int before = _nodes;
        Count(1, mark);
        NodeEvent start = (NodeEvent)next;
        RefuseTag(start, mark);
        Node node = start switch
        {
            Scalar => LoadScalar(mark),
            SequenceStart => LoadSequence(mark, depth),
            _ => LoadMapping(mark, depth),
        };
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = (node, _nodes - before);
        return node;
    }

    Node Resolve(AnchorAlias alias, Mark mark, int depth)
    {
        // An anchor is entered when its node is complete, so an alias inside its own anchor finds nothing.
        if (!_anchors.TryGetValue(alias.Value.Value, out (Node Node, int Size) target))
            throw Problem(mark, $"has an alias *{alias.Value.Value} without an anchor before it");
        Count(target.Size, mark);
        if (depth + HeightOf(target.Node) > MaximumDepth)
            throw TooDeep(mark);
        return target.Node;
    }

    // Visits what Count has just admitted.
    static int HeightOf(Node node) => node switch
    {
        SequenceNode { Items.Length: > 0 } sequence => 1 + sequence.Items.Max(HeightOf),
        MappingNode { Entries.Length: > 0 } mapping => 1 + mapping.Entries.Max(entry => HeightOf(entry.Value)),
        _ => 0,
    };

    ScalarNode LoadScalar(Mark mark)
    {
        Scalar scalar = _parser.Consume<Scalar>();
        return new ScalarNode(mark, scalar.Value, scalar.Style == ScalarStyle.Plain ? ScalarTypes.Of(scalar.Value) : ScalarType.Text);
    }

    SequenceNode LoadSequence(Mark mark, int depth)
    {
        _parser.Consume<SequenceStart>();
        ImmutableArray<Node>.Builder items = ImmutableArray.CreateBuilder<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(LoadNode(depth + 1));
        return new SequenceNode(mark, items.ToImmutable());
    }

    MappingNode LoadMapping(Mark mark, int depth)
    {
        _parser.Consume<MappingStart>();
        ImmutableArray<KeyValuePair<ScalarNode, Node>>.Builder entries = ImmutableArray.CreateBuilder<KeyValuePair<ScalarNode, Node>>();
        HashSet<string> keys = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Node key = LoadNode(depth + 1);
            if (key is not ScalarNode name)
                throw Problem(key.Mark, $"has {key.Kind} where a key must be text");
            if (!keys.Add(name.Text))
                throw Problem(name.Mark, $"has the key {name.Text} twice in one mapping");
            entries.Add(new KeyValuePair<ScalarNode, Node>(name, LoadNode(depth + 1)));
        }
        return new MappingNode(mark, entries.ToImmutable());
    }

    void Count(int nodes, Mark mark)
    {
        _nodes += nodes;
        if (_nodes > MaximumNodes)
            throw Problem(mark, $"has more than {MaximumNodes:N0} values, what its aliases stand for included");
    }

    void RefuseTag(NodeEvent node, Mark mark)
    {
        // "!" alone is what YamlDotNet reports for a quoted scalar.
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            throw Problem(mark, $"has the tag {node.Tag.Value}; a topology has none");
    }

    static Mark MarkOf(YamlDotNet.Core.Mark mark) => new(Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));

    /// <summary>The scanner's own words without its places, which the error carries already.</summary>
    static string Clause(YamlException exception)
    {
        string message = exception.InnerException?.Message ?? exception.Message;
        int place = message.LastIndexOf("): ", StringComparison.Ordinal);
        string clause = (place < 0 ? message : message[(place + 3)..]).TrimEnd('.');
        return clause.Length > 0 ? char.ToLowerInvariant(clause[0]) + clause[1..] : "it cannot be read";
    }

    static YamlProblemException TooDeep(Mark mark) => Problem(mark, $"is nested more than {MaximumDepth} levels deep");

    static YamlProblemException Problem(Mark mark, string message) => new(new YamlProblem(mark, message));

    /// <summary>Carries a problem out of the recursion; never leaves this class.</summary>
    sealed class YamlProblemException(YamlProblem problem) : Exception
    {
        public YamlProblem Problem { get; } = problem;
    }
}

/// <summary>Why a text is no topology document: what follows "The file", without a full stop.</summary>
readonly record struct YamlProblem(Mark Mark, string Message);
