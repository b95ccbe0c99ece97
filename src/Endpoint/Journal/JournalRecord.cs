namespace Ipsec.Endpoint.Journal;

/// <summary>
/// What one record of a journal says. On the wire of the journal: this octet, the length of the rest as a variable-length number
/// (seven bits per octet, least significant first), the rest.
/// </summary>
enum JournalRecordKind : byte
{
    /// <summary>Magic, format version, name of the endpoint, names of its connections. First in every journal.</summary>
    Header = 1,

    // Inputs. What follows one of them up to the next is its consequence.
    Start = 16,
    Datagram = 17,
    Timeout = 18,
    Reports = 19,
    Command = 20,
    Reload = 21,
    Shutdown = 22,
    Completion = 23,
    LocalAddresses = 24,

    // What the engine asked for while it handled an input.
    RandomDrawn = 48,
    SpiAllocated = 49,
    TrafficAnswered = 50,

    // Outputs.
    DatagramSent = 64,
    InnerRoutesChanged = 65,
    Event = 66,
    EspKeysInstalled = 67,
    Closed = 68,
    CommandAnswered = 69,
    OperationRequested = 70,
    InnerAddressesChanged = 71,

    // Outputs to the data path.
    Installed = 80,
    OutboundRemoved = 81,
    Removed = 82,
    PathSet = 83,
    Activated = 84,
}

enum JournalCommand : byte
{
    Initiate = 1,
    RekeyIke = 2,
    RekeyChild = 3,
    Terminate = 4,

    /// <summary>The target stands where other commands have the child.</summary>
    Redirect = 5,
}

enum JournalOperation : byte
{
    Failed = 0,
    ResolveName = 1,
    Sign = 2,
}

enum JournalReport : byte
{
    SoftLimit = 1,
    HardLimit = 2,
    Acquire = 3,
    PathChanged = 4,
    FirstInbound = 5,
    UnknownSpi = 6,
}
