using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis.Forecast;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Report;

namespace Ipsec.Lab.Explanation;

/// <summary>Goes through one connection as it will happen: who dials, the IKE SA, the identities and keys, the child SAs, the first rekeys from either side.</summary>
sealed class ConnectionExplainer
{
    const string Dialling = "dialling";
    const string NeverDialled = "never-dialled";
    const string Agreed = "agreed";
    const string Narrowed = "narrowed";

    readonly Party _left;
    readonly Party _right;
    readonly List<Statement> _statements = [];
    readonly List<Party> _authenticated = [];
    bool _isAuthenticationUnknown;

    readonly bool _mayBeTranslated;
    readonly DateTimeOffset _utc;

    ConnectionExplainer(Party left, Party right, bool mayBeTranslated, DateTimeOffset utc) =>
        (_left, _right, _mayBeTranslated, _utc) = (left, right, mayBeTranslated, utc);

    /// <param name="mayBeTranslated">The two configurations need not know of a NAT between them.</param>
    /// <param name="utc">For the validity of certificates.</param>
    public static ForeseenConnection Explain(Party left, Party right, bool mayBeTranslated, DateTimeOffset utc)
    {
        var explainer = new ConnectionExplainer(left, right, mayBeTranslated, utc);
        bool comesUp = explainer.Start();
        bool staysUp = comesUp && explainer.Rekey();
        var explanation = new ConnectionExplanation(left.Connection.Name, Label(left), Label(right), comesUp, staysUp, [.. explainer._statements]);
        return new ForeseenConnection(left, right, explanation, explainer.Installed());
    }

    /// <summary>Who dials by himself and gets an IKE SA first asks for his child SAs in it, and then the other side for those of its own that are not there.</summary>
    ImmutableArray<ForeseenSa> Installed()
    {
        Party? first = new[] { _left, _right }.Where(party => DialsByItself(party) && _authenticated.Contains(party))
            .OrderBy(party => party.Connection.StartAction == StartAction.Traffic).ThenBy(party => party.Connection.StartDelay).FirstOrDefault();
        if (first is null)
            return [];
        Party second = ReferenceEquals(first, _left) ? _right : _left;
        ImmutableArray<ForeseenSa> installed = [.. ForeseenSa.Accepted(first.Side, first.Connection.Children, second.Side, first.Connection.StartAction == StartAction.Traffic)];
        // Packets also start the part of a child SA that the first one has left out of it.
        bool byPackets = second.Connection.MayTrap && second.Connection.MayInitiate;
        IEnumerable<ChildConfiguration> more = second.Connection.Children.Where(child => byPackets || !installed.Any(sa => sa.ChildOf(second.Side) == child.Name));
        return byPackets || DialsByItself(second) ? [.. installed, .. ForeseenSa.Accepted(second.Side, more, first.Side, byPackets)] : installed;
    }

    static bool DialsByItself(Party party) => party.Side.CanDial && party.Connection.StartAction != StartAction.None;

    static string Label(Party party) => party.Side.PublicAddress is { } address ? $"{party.Name} {address}" : party.Name;

    /// <summary>True if those who will dial succeed; where nobody dials by himself, if whoever can be told to dial succeeds.</summary>
    bool Start()
    {
        (Party From, Party To)[] ways = [(_left, _right), (_right, _left)];
        (Party From, Party To)[] byThemselves = [.. ways.Where(way => DialsByItself(way.From))];
        (Party From, Party To)[] possible = [.. ways.Where(way => way.From.Side.CanDial)];
        if (possible.Length == 0)
        {
            Add(Statement.Start, Statement.Fails, Known(NeverDialled, $"Neither {_left.Name} nor {_right.Name} can dial: both only answer, or know no address to dial."));
            return false;
        }
        foreach ((Party from, Party to) in byThemselves)
            Add(Statement.Start, Statement.Agrees, Known(Dialling, $"{from.Name} dials {to.Name} {When(from.Connection.StartAction)}."));
        if (byThemselves.Length == 0)
            Add(Statement.Start, Statement.Warns, Known(NeverDialled, $"Nobody dials by himself: {string.Join(" or ", possible.Select(way => way.From.Name))} must be told to initiate."));
        bool[] outcomes = [.. (byThemselves.Length > 0 ? byThemselves : possible).Select(way => Negotiate(way.From, way.To))];
        if (_isAuthenticationUnknown)
            Add(Statement.Start, Statement.Warns, new Reason("not-compared", Certainty.Likely, "Certificates, raw public keys and EAP credentials are not compared; only a run tells."));
        // One that succeeds is enough: the other attempt ends when the tunnel is up.
        return outcomes.Contains(true);
    }

    bool Negotiate(Party initiator, Party responder)
    {
        if (AuthenticationForecast.WhyNotAnswered(initiator.Side, responder.Side) is Reason silent)
            return Fail(silent);
        if (AuthenticationForecast.WhyNotReached(initiator.Side, responder.Side) is Reason unreachable)
        {
            if (!_mayBeTranslated)
                return Fail(unreachable);
            Add(Statement.Start, Statement.Warns, unreachable with { Certainty = Certainty.Likely, Text = $"{unreachable.Text} That works only if a NAT in between translates the addresses." });
        }
        if (!ProposalSelection.TryAgree(initiator.Connection.InitiatorProposals, responder.Connection.ResponderProposals, withKeyExchange: true, out string? suite, out _))
            return Fail(OfferComparison.Find(initiator, responder)!.ToReason());
        Add(Statement.Start, Statement.Agrees, Known(Agreed, $"IKE SA, dialled by {initiator.Name}: {suite}."));
        if (AuthenticationForecast.WhyRefused(initiator.Side, responder.Side, _utc) is Reason refused)
            return Fail(refused);
        if (AuthenticationForecast.WhyRefused(responder.Side, initiator.Side, _utc) is Reason doubted)
            return Fail(doubted);
        bool byKeys = initiator.Side.Proves == ProofKind.PresharedKey && responder.Side.Proves == ProofKind.PresharedKey;
        // A strongSwan file names certificates that stand elsewhere.
        _isAuthenticationUnknown |= new[] { initiator.Side, responder.Side }.Any(side => side.Proves != ProofKind.PresharedKey && side.Connection.LocalAuthentication is not LocalAuthentication.SignatureAuthentication);
        if (byKeys)
            Add(Statement.Start, Statement.Agrees, Known(Agreed, "Both sides expect each other's identity and have the same pre-shared key."));
        _authenticated.Add(initiator);
        bool all = true;
        foreach (ChildConfiguration child in initiator.Connection.Children)
            all &= Child(initiator, child, responder);
        return all;
    }

    bool Child(Party initiator, ChildConfiguration child, Party responder)
    {
        ChildForecast forecast = ChildForecast.Of(initiator.Side, child, responder.Side);
        if (forecast.Refusal is Reason refusal)
            return Fail(OfferComparison.FindChild(initiator, child, responder)?.ToReason() ?? refusal);
        Add(Statement.Start, Statement.Agrees, Known(Agreed, $"Child SA {child.Name}, asked for by {initiator.Name}: {forecast.Suite}, {Selectors(forecast)}."));
        if (forecast.IsNarrowed)
        {
            Add(Statement.Start, Statement.Warns, Known(Narrowed, $"{responder.Name} narrows what {initiator.Name} proposes for {child.Name}: "
                + "what lies outside finds no tunnel. One side's networks are larger than the other's."));
        }
        return true;
    }

    bool Rekey()
    {
        bool staysUp = true;
        foreach ((Party starter, Party answerer) in new[] { (_left, _right), (_right, _left) })
        {
            List<string> accepted = [];
            (Reason? Failure, Lifetime Lifetime)[] children = [.. starter.Connection.Children.Select(child => (RekeyForecast.CheckChild(starter, child, answerer), child.Lifetime))];
            foreach (IGrouping<bool, (Reason? Failure, Lifetime Lifetime)> alike in children.GroupBy(child => child.Failure is null))
                staysUp &= Judge(alike.First().Failure, Time("child SA", alike.Select(child => child.Lifetime)), accepted);
            staysUp &= Judge(RekeyForecast.CheckIke(starter, answerer), Time("IKE SA", [starter.Connection.Lifetime]), accepted);
            if (accepted.Count > 0)
                Add(Statement.Rekey, Statement.Agrees, Known(Agreed, $"Rekeys that {starter.Name} starts, after {string.Join(" and ", accepted)}, will be accepted."));
        }
        return staysUp;
    }

    /// <summary>Says what fails and when; what does not is added to what is accepted, unless this side never rekeys it by itself.</summary>
    bool Judge(Reason? failure, string? when, List<string> accepted)
    {
        if (failure is not null)
            Add(Statement.Rekey, Statement.Fails, failure with { Text = $"{failure.Text}{(when is null ? "" : $" It will happen after {when}, unless the other side is first.")}" });
        else if (when is not null)
            accepted.Add(when);
        return failure is null;
    }

    static string When(StartAction action) => action == StartAction.Traffic ? "when a packet wants into the tunnel" : "at its start";

    /// <summary>"7h07m or later (child SA)"; null where this side never rekeys by itself.</summary>
    static string? Time(string what, IEnumerable<Lifetime> lifetimes)
    {
        TimeSpan[] times = [.. lifetimes.Select(Earliest).Where(time => time > TimeSpan.Zero)];
        return times.Length > 0 ? $"{Print(times.Min())} or later ({what})" : null;
    }

    static TimeSpan Earliest(Lifetime lifetime) => lifetime.RekeyTime - lifetime.RekeyJitter;

    static string Print(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}h{time.Minutes:00}m" : time.TotalMinutes >= 1 ? $"{time.Minutes}m{time.Seconds:00}s" : $"{time.Seconds}s";

    static string Selectors(ChildForecast forecast) => $"{string.Join(" ", forecast.Local)} === {string.Join(" ", forecast.Remote)}";

    bool Fail(Reason reason)
    {
        Add(Statement.Start, Statement.Fails, reason);
        return false;
    }

    /// <summary>What holds whoever dials is said once.</summary>
    void Add(string stage, string verdict, Reason reason)
    {
        var statement = new Statement(stage, verdict, ReasonReport.Of(reason));
        if (!_statements.Contains(statement))
            _statements.Add(statement);
    }

    static Reason Known(string code, string text) => new(code, Certainty.Known, text);
}
