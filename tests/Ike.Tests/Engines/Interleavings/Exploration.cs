namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>
/// Runs a script in every order of arrival: depth first over "what happens next", each run from the start with the choices of the one before
/// except the last that has an alternative. Same seed, same choices, same octets.
/// </summary>
sealed class Exploration(Script script, ulong seed)
{
    readonly List<(int Taken, int Count)> _choices = [];
    readonly SortedSet<string> _losers = [];
    Random? _drawn;
    int _depth;

    public int Interleavings { get; private set; }
    public int Deepest { get; private set; }

    /// <summary>Whose child SA lost a collision in some interleaving.</summary>
    public IReadOnlyCollection<string> Losers => _losers;

    /// <summary>
    /// Every interleaving, or as many in order as the bound says and as many again that are drawn, because those in order differ in their ends only.
    /// False then.
    /// </summary>
    public bool Run(int bound)
    {
        do
        {
            if (Interleavings == bound)
            {
                Draw(bound);
                return false;
            }
            RunOnce();
        }
        while (Advance());
        return true;
    }

    void Draw(int count)
    {
        var random = new Random((int)seed);
        while (count-- > 0)
        {
            _choices.Clear();
            _drawn = random;
            RunOnce();
        }
    }

    void RunOnce()
    {
        _depth = 0;
        using Room room = script.NewRoom(seed);
        try
        {
            script.Given(room);
            room.TrafficMustNotStop = script.TrafficMustNotStop;
            Explore(room);
            room.Settle(script.Settles);
            room.TrafficMustNotStop = false;
            Invariants.AssertAfter(room, script.EndsUp);
            if (script.TrafficMustNotStop)
                _losers.UnionWith(Invariants.AssertClosedByTheRightSide(room));
            Invariants.AssertNothingIsLeft(room);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            string choices = string.Join(' ', _choices.Take(_depth).Select(choice => choice.Taken));
            throw new InvalidOperationException($"{script.Name}, seed {seed}, interleaving {Interleavings}, choices {choices}: " +
                $"{e.Message}\n{string.Join('\n', room.Story)}", e);
        }
        Interleavings++;
        Deepest = Math.Max(Deepest, _depth);
    }

    void Explore(Room room)
    {
        List<Step> steps = [.. script.Steps];
        int losses = script.Losses, copies = script.Copies, waits = script.Waits;
        while (true)
        {
            List<Action> next = [];
            // A step before messages that it could cross, so that the crossings come first.
            foreach (Step step in steps)
                next.Add(() => { steps.Remove(step); room.Do(step.Name, () => step.Do(room)); });
            foreach (Message message in room.OnTheTable.ToArray())
            {
                next.Add(() => room.Deliver(message));
                if (losses > 0)
                    next.Add(() => { losses--; room.Lose(message); });
                if (copies > 0)
                    next.Add(() => { copies--; room.Deliver(message, keeps: true); });
            }
            if (waits > 0 && room.OnTheTable.Count > 0)
                next.Add(() => { waits--; room.Wait(room.Now.Monotonic + TimeSpan.FromMinutes(1)); });
            // What was lost is sent again before the rest is left to the order of sending.
            if (next.Count == 0 && losses < script.Losses && room.Wait(room.Now.Monotonic + TimeSpan.FromSeconds(2)))
                continue;
            if (next.Count == 0)
                return;
            next[Choose(next.Count)]();
        }
    }

    int Choose(int count)
    {
        if (_depth == _choices.Count)
            _choices.Add((_drawn?.Next(count) ?? 0, count));
        (int taken, int counted) = _choices[_depth++];
        Assert.Equal(counted, count);
        return taken;
    }

    bool Advance()
    {
        while (_choices.Count > 0)
        {
            (int taken, int count) = _choices[^1];
            if (taken + 1 < count)
            {
                _choices[^1] = (taken + 1, count);
                return true;
            }
            _choices.RemoveAt(_choices.Count - 1);
        }
        return false;
    }
}
