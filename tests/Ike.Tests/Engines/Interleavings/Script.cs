namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>What two engines are told to do; when, is for the exploration to say.</summary>
sealed class Script(string name)
{
    public string Name { get; } = name;

    public Func<IkeEngineConfiguration> ConfigurationA { get; init; } = () => Connections.EngineA();
    public Func<IkeEngineConfiguration> ConfigurationB { get; init; } = () => Connections.EngineB();

    /// <summary>Before the exploration begins: as a rule both are up.</summary>
    public Action<Room> Given { get; init; } = Up;

    /// <summary>Each happens once, at any time.</summary>
    public required Step[] Steps { get; init; }

    /// <summary>How the exploration may treat messages beyond their order.</summary>
    public int Losses { get; init; }
    public int Copies { get; init; }

    /// <summary>How often time may pass although messages are on the table, so that the next timer overtakes them.</summary>
    public int Waits { get; init; }

    /// <summary>Whether not one packet may be lost.</summary>
    public bool TrafficMustNotStop { get; init; } = true;

    /// <summary>At most this many interleavings are run.</summary>
    public int Bound { get; init; } = 400;

    /// <summary>How long it takes until retries and patience are over.</summary>
    public TimeSpan Settles { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>What holds after every interleaving, beyond agreement.</summary>
    public Action<Room> Then { get; init; } = _ => { };

    static void Up(Room room)
    {
        room.Do("A brings the tunnel up", () => room.A.Engine.Initiate("tunnel", null, room.Now));
        room.Settle(TimeSpan.FromSeconds(1));
        Assert.Single(room.A.Installed);
    }
}

/// <summary>One thing that an engine is told.</summary>
sealed record Step(string Name, Action<Room> Do);
