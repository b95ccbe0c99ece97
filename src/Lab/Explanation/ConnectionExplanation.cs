using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Report;

namespace Ipsec.Lab.Explanation;

/// <summary>What will become of every connection of two configurations; what <c>explain --json</c> prints, member by member.</summary>
/// <param name="Passed">Every connection comes up and stays up over its first rekeys, and traffic goes as the expectations of the file say.</param>
/// <param name="Traffic">Which traffic finds its way; empty where only one side is known.</param>
public sealed record ExplanationReport(bool Passed, ImmutableArray<ConnectionExplanation> Connections, TrafficReport Traffic);

/// <summary>What will become of one connection.</summary>
/// <param name="Left">The first side's name; its address stands behind it where it is known.</param>
/// <param name="ComesUp">Whoever will dial succeeds with the IKE SA and every child SA.</param>
/// <param name="StaysUp">The first rekeys succeed from either side.</param>
/// <param name="Statements">In the order in which things will happen.</param>
public sealed record ConnectionExplanation(string Connection, string Left, string Right, bool ComesUp, bool StaysUp, ImmutableArray<Statement> Statements);

/// <summary>One thing that will happen, with the reason's certainty (D8).</summary>
/// <param name="Stage">"start" or "rekey".</param>
/// <param name="Verdict">"agrees", "warns" or "fails".</param>
public sealed record Statement(string Stage, string Verdict, ReasonReport Reason)
{
    public const string Start = "start";
    public const string Rekey = "rekey";
    public const string Agrees = "agrees";
    public const string Warns = "warns";
    public const string Fails = "fails";
}
