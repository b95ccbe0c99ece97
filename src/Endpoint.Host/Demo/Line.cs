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

    /// <summary>The line in rows of exactly <paramref name="width"/> characters, broken between words where it can be, filled up with spaces.</summary>
    public IEnumerable<Line> ToRows(int width)
    {
        (char Character, Tone Tone)[] characters = [.. Pieces.SelectMany(piece => piece.Text.Select(character => (character, piece.Tone)))];
        int start = 0;
        do
        {
            int length = Math.Min(width, characters.Length - start);
            if (start + length < characters.Length)
            {
                int space = Array.FindLastIndex(characters, start + length - 1, length, item => item.Character == ' ');
                length = space > start ? space - start + 1 : length;
            }
            IEnumerable<Piece> row = characters.Skip(start).Take(length).Select(item => new Piece(item.Character.ToString(), item.Tone));
            yield return new Line([.. row, new Piece(new string(' ', width - length), Tone.Plain)]);
            start += length;
        }
        while (start < characters.Length);
    }
}
