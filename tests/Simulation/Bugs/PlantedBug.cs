namespace Ipsec.Simulation.Bugs;

/// <summary>Faults of an implementation that the simulation must find. They sit outside the stack, in what goes in and out of it.</summary>
enum PlantedBug
{
    None,

    /// <summary>The DELETE for a rekeyed child SA never names it.</summary>
    LostDelete,

    /// <summary>After a simultaneous child rekey the wrong one of the two is deleted.</summary>
    WrongTieBreak,

    /// <summary>Now and then a packet is sealed with the sequence number of the one before.</summary>
    ReusedSequenceNumber,
}
