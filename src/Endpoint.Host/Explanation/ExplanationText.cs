using Ipsec.Lab.Explanation;

namespace Ipsec.EndpointHost.Explanation;

/// <summary>An explanation for people: one connection after the other, what will happen first stands first.</summary>
static class ExplanationText
{
    public static void Write(TextWriter output, ExplanationReport report)
    {
        foreach (ConnectionExplanation connection in report.Connections)
        {
            output.WriteLine(connection.Right.Length > 0 ? $"{connection.Connection}: {connection.Left} <-> {connection.Right}" : $"{connection.Connection}: {connection.Left}");
            foreach (IGrouping<string, Statement> stage in connection.Statements.GroupBy(statement => statement.Stage))
            {
                output.WriteLine(stage.Key == Statement.Start ? "  at the start" : "  at the first rekey");
                foreach (Statement statement in stage)
                    output.WriteLine($"    {Mark(statement.Verdict)} {statement.Reason.Text} ({statement.Reason.Certainty}{Azure(statement)})");
            }
            output.WriteLine($"  {Outcome(connection)}");
            output.WriteLine();
        }
        TrafficText.Write(output, report.Traffic);
    }

    static string Outcome(ConnectionExplanation connection) => (connection.ComesUp, connection.StaysUp) switch
    {
        (true, true) => "It comes up and stays up.",
        (true, false) => "It comes up, and goes down at a rekey.",
        _ => "It does not come up.",
    };

    static string Mark(string verdict) => verdict switch
    {
        Statement.Agrees => "✓",
        Statement.Warns => "⚠",
        _ => "✗",
    };

    static string Azure(Statement statement) =>
        statement.Verdict == Statement.Fails && statement.Reason.AzureError is int number ? $", Azure logs it as error {number}" : "";
}
