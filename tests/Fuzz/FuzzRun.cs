using System.Diagnostics;
using Ipsec.Ike;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;

namespace Ipsec.Fuzz;

/// <summary>
/// Epochs of cases of messages. A case puts the engine into a stage, sends it mutated messages, takes everything down and looks for what is left. Every epoch
/// has an engine of its own, which must serve a fresh handshake in each role when the epoch is over; it can be replayed alone.
/// </summary>
sealed class FuzzRun(FuzzOptions options)
{
    const int MessagesInEpoch = 50_000;
    const int MostMessagesInCase = 16;
    const int CorpusSize = 2000;

    // Bounds for one message. A machine is shared, so that only what took long on the clock and on the processor counts.
    static readonly TimeSpan MostTime = TimeSpan.FromMilliseconds(100);
    const long MostAllocated = 8 << 20;
    const int MostDatagrams = 64;

    static readonly Stage[] Stages = Enum.GetValues<Stage>();

    // Verification of certificates and key generation are dear, so that their stages come less often.
    static readonly int[] Weights = [.. Stages.Select(stage => stage switch
    {
        Stage.Lingering => 1,
        Stage.Nothing or Stage.InitSent or Stage.IntermediateSent or Stage.AuthSentWithCertificate or Stage.AuthSentWithRawKey => 2,
        Stage.RekeyingIke or Stage.FollowupSent or Stage.FollowupAwaited or Stage.Retired => 3,
        Stage.Established or Stage.EstablishedByUs => 12,
        _ => 6,
    })];

    long _sent;

    public FuzzReport Report { get; } = new();

    public void Run(Action<string> progress)
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        TimeSpan said = TimeSpan.Zero;
        int told = 0;
        for (int epoch = options.Epoch ?? 0; Report.Messages < options.Messages; epoch++)
        {
            RunEpoch(epoch);
            Report.Elapsed = Stopwatch.GetElapsedTime(began);
            Report.Processor = Environment.CpuUsage.TotalTime - processor;
            if (Report.Elapsed - said > TimeSpan.FromSeconds(10))
            {
                said = Report.Elapsed;
                progress($"{Report.Messages:N0} messages, {Report.Elapsed.TotalSeconds:F0} s, {Report.Features.Count} features, {Report.Faults.Count} faults");
            }
            for (; told < Report.Faults.Count; told++)
                progress($"FAULT {Report.Faults[told]}");
            if (options.Epoch is not null)
                return;
        }
    }

    void RunEpoch(int epoch)
    {
        var dice = new Dice(options.Seed * 1_000_003 + (ulong)epoch);
        long end = Math.Min(Report.Messages + MessagesInEpoch, options.Messages);
        var state = new Epoch(epoch, dice, NewTarget(epoch, dice));
        while (Report.Messages < end)
        {
            Stage stage = Pick(dice);
            Report.Cases++;
            try
            {
                RunCase(state, stage);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                string frame = new StackTrace(exception).GetFrame(0)?.GetMethod()?.ToString() ?? "";
                Fault(state, stage, $"{exception.GetType().Name} {frame}", exception.ToString());
                state.Target = NewTarget(epoch, dice);
            }
        }
        if (FreshHandshake.Try(state.Target) is string why)
            Fault(state, Stage.Nothing, "handshake", why);
        else
            Report.Handshakes += 2;
        state.Target.Dispose();
    }

    static Target NewTarget(int epoch, Dice dice) => new(Policy.Engine(cookieThreshold: epoch % 8 == 7 ? 0 : 64), dice);

    void RunCase(Epoch epoch, Stage stage)
    {
        Dice dice = epoch.Dice;
        Target target = epoch.Target;
        Session session = epoch.Builder.Build(stage);
        epoch.MayEstablish = false;
        epoch.CaseBegan = Environment.CpuUsage.TotalTime;
        for (int i = 1 + dice.Next(MostMessagesInCase); i > 0; i--)
        {
            SendOne(epoch, stage, session);
            // What is left of an IKE SA has little to say.
            if (session.Sa is { State: null } || session.Sa is { State: LingeringIkeSa } && dice.Percent(70))
                break;
        }
        if (target.Settle(dice.Percent(5) ? Farewell.Delete : Farewell.None) is string left)
        {
            Fault(epoch, stage, "leak " + left, left + " after " + epoch.Last);
            epoch.Target = NewTarget(epoch.Number, dice);
        }
    }

    void SendOne(Epoch epoch, Stage stage, Session session)
    {
        Dice dice = epoch.Dice;
        (Sample sample, List<RawPayload> payloads) = Choose(epoch, stage, session);
        IkeHeader header = session.HeaderFor(sample);
        if (dice.Percent(4))
            header = epoch.Mutations.Change(header);
        epoch.Target.Damage = dice.Percent(25) ? epoch.Damage : null;
        epoch.Target.HoldsOperations = dice.Percent(10);
        epoch.Last = sample.Name;
        List<byte[]> datagrams = session.Seal(header, payloads);
        if (!session.IsProtected && dice.Percent(40) || dice.Percent(3))
            datagrams[^1] = epoch.Mutations.ChangeDatagram(datagrams[^1]);
        foreach (byte[] datagram in datagrams)
            DeliverOne(epoch, stage, session, sample, header, payloads, datagram);
        epoch.Target.Damage = null;
    }

    void DeliverOne(Epoch epoch, Stage stage, Session session, Sample sample, in IkeHeader header, List<RawPayload> payloads, byte[] datagram)
    {
        Target target = epoch.Target;
        _sent++;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        target.Deliver(datagram, epoch.Dice.Percent(3) ? Policy.NatPath : Policy.Path);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        int answers = target.Sent.Count;
        session.Listen();
        if (target.TakeUnmatched())
            session.ForgetAsked();
        string outcome = session.Sa?.State?.GetType().Name ?? "none";
        string answer = answers > 0 ? target.Refusals > 0 ? "refused" : "answered" : target.LastFault is null ? "taken in silence" : "counted as a fault";
        Report.Count(stage, header.Exchange, header.IsRequest, answer, outcome, time, allocated);
        Report.IkeSas += target.Established;
        Report.ChildSas += target.Installs;
        bool isSlow = time > MostTime && Environment.CpuUsage.TotalTime - epoch.CaseBegan > MostTime;
        if (isSlow || allocated > MostAllocated || answers > MostDatagrams)
            Fault(epoch, stage, $"cost {sample.Name}", $"{sample.Name} took {time.TotalMilliseconds:F0} ms, {allocated} octets and {answers} datagrams");
        // Whoever has no right credential gets nothing.
        if (target.Established + target.Installs > 0 && !epoch.MayEstablish && stage < Stage.Established)
            Fault(epoch, stage, $"bypass {sample.Name}",
                $"{sample.Name}: {target.Established} IKE SAs and {target.Installs} child SAs without a right credential");
        if (Report.Features.Add($"{stage} {sample.Name} {session.Answer}{target.LastFault} {outcome}"))
            epoch.Keep(sample, payloads);
    }

    /// <summary>A right message for the stage, something that once led to something new, or something out of place; changed or not.</summary>
    static (Sample Sample, List<RawPayload> Payloads) Choose(Epoch epoch, Stage stage, Session session)
    {
        Dice dice = epoch.Dice;
        Sample sample = dice.Percent(10) ? dice.Of(Samples.All) : dice.Of(epoch.For(stage));
        if (!sample.IsRequest && session.Asked?.Exchange != sample.Exchange && dice.Percent(85))
            sample = dice.Of(session.Asked is IkeHeader asked ? Epoch.AnswersTo(asked.Exchange) : Epoch.Requests(session.IsProtected));
        List<RawPayload> payloads = [.. sample.Payloads];
        bool needs = sample.Needs;
        if (epoch.Corpus.Count > 0 && dice.Percent(20))
        {
            (sample, payloads, needs) = dice.Of(epoch.Corpus);
            payloads = [.. payloads];
        }
        else if (dice.Percent(2))
        {
            payloads = [.. session.LastSaid];
        }
        IReadOnlyList<RawPayload> foreign = dice.Percent(25) ? session.LastSaid : dice.Of(Samples.All).Payloads;
        // The link of IKE_FOLLOWUP_KE and the cookie of MOBIKE are the engine's own: thrown back, they open what lies behind.
        if (session.LastSaid.Length > 0 && dice.Percent(50))
            Echo(payloads, session);
        needs |= foreign is { Count: > 0 } && foreign.Any(payload => payload.Type == (byte)PayloadType.Authentication);
        epoch.Mutations.Change(payloads, foreign);
        epoch.MayEstablish |= needs || payloads.Any(payload => payload.Type == (byte)PayloadType.Authentication) && epoch.IsRight(payloads);
        return (sample, payloads);
    }

    static void Echo(List<RawPayload> payloads, Session session)
    {
        for (int i = 0; i < payloads.Count; i++)
        {
            if (payloads[i].Type != (byte)PayloadType.Notify || payloads[i].Body.Length < 4)
                continue;
            int kind = payloads[i].Body[2] << 8 | payloads[i].Body[3];
            if (kind is not ((int)NotifyType.AdditionalKeyExchange or (int)NotifyType.Cookie2 or (int)NotifyType.Cookie))
                continue;
            foreach (RawPayload said in session.LastSaid)
            {
                if (said.Type == (byte)PayloadType.Notify && said.Body.Length >= 4 && (said.Body[2] << 8 | said.Body[3]) == kind)
                    payloads[i] = said;
            }
        }
    }

    static Stage Pick(Dice dice)
    {
        int at = dice.Next(Weights.Sum());
        int i = 0;
        while (at >= Weights[i])
            at -= Weights[i++];
        return Stages[i];
    }

    void Fault(Epoch epoch, Stage stage, string kind, string text) =>
        Report.AddFault($"{stage} {kind}",
            $"at {stage}, message {_sent}, replay with --seed {options.Seed} --epoch {epoch.Number} --messages {MessagesInEpoch}: {epoch.Last}: {text}");

    /// <summary>What lives as long as one engine.</summary>
    sealed class Epoch(int number, Dice dice, Target target)
    {
        static readonly Dictionary<Stage, IReadOnlyList<Sample>> SamplesByStage = Stages.ToDictionary(stage => stage, stage =>
            (IReadOnlyList<Sample>)Samples.For(stage));
        static readonly byte[][] Proofs = [.. Samples.All.Where(sample => sample.Needs)
            .SelectMany(sample => sample.Payloads).Where(payload => payload.Type == (byte)PayloadType.Authentication).Select(payload => payload.Body)];

        static readonly Dictionary<ExchangeType, Sample[]> Answers = Samples.All.Where(sample => !sample.IsRequest).GroupBy(sample => sample.Exchange)
            .ToDictionary(group => group.Key, group => group.ToArray());

        static readonly Sample[] RequestSamples = [.. Samples.All.Where(sample => sample.IsRequest && sample.Exchange != ExchangeType.IkeSaInit)];

        Target _target = target;

        public int Number => number;
        public Dice Dice => dice;
        public Mutations Mutations { get; } = new(dice);
        public StageBuilder Builder { get; private set; } = new(target, dice);
        public List<(Sample Sample, List<RawPayload> Payloads, bool Needs)> Corpus { get; } = [];
        public string Last { get; set; } = "";

        /// <summary>Processor time of this process at the begin of the case.</summary>
        public TimeSpan CaseBegan { get; set; }

        /// <summary>One of the messages of this case held a right credential.</summary>
        public bool MayEstablish { get; set; }

        public Target Target
        {
            get => _target;
            set
            {
                _target.Dispose();
                _target = value;
                Builder = new StageBuilder(value, dice);
            }
        }

        public IReadOnlyList<Sample> For(Stage stage) => SamplesByStage[stage];

        public static IReadOnlyList<Sample> AnswersTo(ExchangeType exchange) =>
            Answers.TryGetValue(exchange, out Sample[]? answers) ? answers : Samples.All;

        public static IReadOnlyList<Sample> Requests(bool isProtected) => isProtected ? RequestSamples : Samples.InitAnswers;

        public bool IsRight(List<RawPayload> payloads) => payloads.Any(payload => Proofs.Any(proof => payload.Body.AsSpan().SequenceEqual(proof)));

        public void Damage(Span<byte> content)
        {
            Mutations.Damage(content);
            // One bit in a thousand makes the wrong signature right again.
            foreach (byte[] proof in Proofs)
                MayEstablish |= content.IndexOf(proof) >= 0;
        }

        public void Keep(Sample sample, List<RawPayload> payloads)
        {
            if (Corpus.Count < CorpusSize)
                Corpus.Add((sample, payloads, sample.Needs));
        }
    }
}
