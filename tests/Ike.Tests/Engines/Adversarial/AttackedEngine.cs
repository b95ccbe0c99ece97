using Ipsec.Fuzz;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>An engine that was put into a stage, and a peer that holds the keys.</summary>
sealed class AttackedEngine : IDisposable
{
    public AttackedEngine(Stage stage)
    {
        var dice = new Dice(1);
        Target = new Target(Policy.Engine(cookieThreshold: 64), dice);
        Session = new StageBuilder(Target, dice).Build(stage);
    }

    public Target Target { get; }
    public Session Session { get; }

    /// <summary>Made because of what was sent.</summary>
    public int IkeSas { get; private set; }
    public int ChildSas { get; private set; }

    /// <summary>Datagrams that answered.</summary>
    public int Responses { get; private set; }

    public string State => Session.Sa?.State?.GetType().Name ?? "none";

    /// <summary>
    /// What the engine says to it: "IkeAuth!AuthenticationFailed", a question mark in place of the exclamation mark for a request of its
    /// own.
    /// </summary>
    public string Send(Sample sample) => Send(sample, sample.Payloads);

    public string Send(Sample sample, IEnumerable<RawPayload> payloads, Mutations.InPlace? damage = null) => Send(Session.HeaderFor(sample), payloads, damage);

    public string Send(IkeHeader header, IEnumerable<RawPayload> payloads, Mutations.InPlace? damage = null)
    {
        Target.Damage = damage;
        Target.Deliver(Session.SealWhole(header, payloads), Policy.Path);
        Target.Damage = null;
        IkeSas += Target.Established;
        ChildSas += Target.Installs;
        Responses = Target.Sent.Count(sent => MessageEnvelope.TryParse(sent.Span, out IkeHeader answer, out _, out _) && answer.IsResponse);
        Session.Listen();
        return Session.Answer.Trim();
    }

    public void AssertNothingIsLeft() => Assert.Null(Target.Settle(Farewell.None));

    public void Dispose() => Target.Dispose();
}
