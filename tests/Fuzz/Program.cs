namespace Ipsec.Fuzz;

/// <summary>One run; the last line says how many messages, how fast, and how many faults. Exit code 0 only without faults.</summary>
static class Program
{
    static int Main(string[] arguments)
    {
        if (!FuzzOptions.TryParse(arguments, out FuzzOptions? options, out string? error))
        {
            Console.Error.WriteLine(error);
            return 2;
        }
        var run = new FuzzRun(options);
        run.Run(Console.WriteLine);
        foreach (string line in run.Report.Lines())
            Console.WriteLine(line);
        return run.Report.Faults.Count == 0 ? 0 : 1;
    }
}
