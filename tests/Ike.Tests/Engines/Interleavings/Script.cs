using Ipsec.Ike.Configuration;

namespace Ipsec.Ike.Tests.Engines.Interleavings;

/// <summary>What two engines are told to do; when, is for the exploration to say.</summary>
sealed class Script(string name)
{
    readonly bool? _endsUp;

    public string Name { get; } = name;

    /// <summary>What the connection of both sides is beyond the plain one.</summary>
    public Func<ConnectionConfiguration, ConnectionConfiguration> Connection { get; init; } = connection => connection;
    public IkeEngineOptions Options { get; init; } = new();

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

    /// <summary>Whose packets travel.</summary>
    public string[] Children { get; init; } = ["net"];

    /// <summary>Both sides have one IKE SA and every child in the end. Otherwise both have them or neither has.</summary>
    public bool EndsUp { get => _endsUp ?? TrafficMustNotStop; init => _endsUp = value; }

    /// <summary>
    /// At most so many interleavings are run, and as many again that are drawn. Enough for every order of two exchanges; what is lost or late beyond
    /// that is sampled.
    /// </summary>
    public int Bound => Losses + Copies + Waits > 0 ? 20 : Steps.Length > 2 ? 50 : 170;

    /// <summary>How long it takes until retries and patience are over.</summary>
    public TimeSpan Settles { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>Either side must lose the collision in some interleaving.</summary>
    public bool EitherMayLose { get; init; }

    public Room NewRoom(ulong seed) => new(Connections.EngineA(Connection(Connections.OfA())) with { Options = Options },
        Connections.EngineB(Connection(Connections.OfB())) with { Options = Options }, seed)
    { Children = Children };

    static void Up(Room room)
    {
        room.Do("A brings the tunnel up", () => room.A.Engine.Initiate("tunnel", "net", room.Now));
        room.Settle(TimeSpan.FromSeconds(1));
        Assert.Single(room.A.Installed);
    }
}

/// <summary>One thing that an engine is told.</summary>
sealed record Step(string Name, Action<Room> Do);
