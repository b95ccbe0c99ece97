namespace Ipsec.Ike;

/// <summary>Whether a command was taken on. What comes of it is told by events.</summary>
/// <param name="Error">One sentence for the person who asked; null when the command was accepted.</param>
public readonly record struct CommandResult(string? Error)
{
    public static CommandResult Success => default;

    public bool IsAccepted => Error is null;

    public static CommandResult Refused(string error) => new(error);
}
