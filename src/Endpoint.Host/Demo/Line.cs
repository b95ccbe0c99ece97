using System.Collections.Immutable;

namespace Ipsec.EndpointHost.Demo;

/// <summary>What a piece of text is, so that a terminal can colour it.</summary>
enum Tone
{
    Plain,
    Quiet,
    Strong,
    Node,
    Good,
    Bad,
    Warning,
}

/// <summary>A piece of a line.</summary>
readonly record struct Piece(string Text, Tone Tone);

/// <summary>One line of output; on paper it is its text, on a terminal it has colours.</summary>
sealed record Line(ImmutableArray<Piece> Pieces)
{
    public static readonly Line Empty = new([]);

    public static Line Of(params ReadOnlySpan<Piece> pieces) => new([.. pieces]);

    public static Line Of(string text, Tone tone = Tone.Plain) => new([new Piece(text, tone)]);

    public string Text => string.Concat(Pieces.Select(piece => piece.Text)).TrimEnd();
}
