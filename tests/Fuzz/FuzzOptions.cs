using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ipsec.Fuzz;

/// <summary>The command line.</summary>
/// <param name="Epoch">Replay this epoch alone; null runs as many as the messages need.</param>
sealed record FuzzOptions(long Messages, ulong Seed, int? Epoch)
{
    const string Usage = "usage: --messages N --seed N [--epoch N]";

    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out FuzzOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = new FuzzOptions(1_000_000, 1, null);
        error = null;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !long.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
                return Fail(out options, out error);
            switch (arguments[i])
            {
                case "--messages":
                    options = options with { Messages = value };
                    break;
                case "--seed":
                    options = options with { Seed = (ulong)value };
                    break;
                case "--epoch":
                    options = options with { Epoch = (int)value };
                    break;
                default:
                    return Fail(out options, out error);
            }
        }
        return true;
    }

    static bool Fail(out FuzzOptions? options, out string error)
    {
        (options, error) = (null, Usage);
        return false;
    }
}
