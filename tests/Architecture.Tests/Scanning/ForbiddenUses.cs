namespace Ipsec.Architecture.Tests.Scanning;

/// <summary>What the core must not touch (design decision D1): I/O, clocks, threads of its own, randomness and key generation.</summary>
static class ForbiddenUses
{
    /// <summary>Whole namespaces, except for the types named; a type is meant with everything nested in it.</summary>
    static readonly (string Namespace, string[] Except)[] Namespaces =
    [
        ("System.Net.Sockets", []),
        ("System.Net.Http", []),
        ("System.Net.NetworkInformation", []),
        ("System.Security.Cryptography", ["CryptographicOperations", "SHA1", "SHA256"]),
        ("System.IO", ["Stream", "MemoryStream", "TextReader", "TextWriter", "StringReader", "StringWriter",
            "IOException", "EndOfStreamException", "InvalidDataException", "Path"]),
        ("System.IO.Pipes", []),
        ("System.IO.MemoryMappedFiles", []),
        ("System.Timers", []),
    ];

    static readonly HashSet<string> Types =
    [
        "System.Random",
        "System.HashCode",
        "System.TimeProvider",
        "System.Console",
        "System.Diagnostics.Process",
        "System.Diagnostics.Stopwatch",
        "System.Net.Dns",
        "System.Threading.Timer",
        "System.Threading.PeriodicTimer",
        "System.Threading.ThreadPool",
    ];

    static readonly HashSet<(string Type, string Member)> Members =
    [
        ("System.DateTime", "get_Now"),
        ("System.DateTime", "get_UtcNow"),
        ("System.DateTime", "get_Today"),
        ("System.DateTimeOffset", "get_Now"),
        ("System.DateTimeOffset", "get_UtcNow"),
        ("System.Environment", "get_TickCount"),
        ("System.Environment", "get_TickCount64"),
        ("System.Environment", "GetEnvironmentVariable"),
        ("System.Environment", "GetEnvironmentVariables"),
        ("System.Guid", "NewGuid"),
        ("System.Guid", "CreateVersion7"),
        ("System.IO.Path", "GetTempPath"),
        ("System.IO.Path", "GetTempFileName"),
        ("System.IO.Path", "GetRandomFileName"),
        ("System.IO.Path", "GetFullPath"),
        ("System.IO.Path", "Exists"),
        ("System.Threading.Thread", ".ctor"),
        ("System.Threading.Thread", "Sleep"),
        ("System.Threading.Tasks.Task", "Delay"),
        ("System.Threading.Tasks.Task", "Run"),
        ("System.Threading.Tasks.TaskFactory", "StartNew"),
    ];

    /// <summary>What makes results differ from run to run: also forbidden to Crypto, which may otherwise touch the outside.</summary>
    static readonly HashSet<string> RandomOrClockTypes =
    [
        "System.Random", "System.HashCode", "System.TimeProvider", "System.Diagnostics.Stopwatch",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.Security.Cryptography.ECDiffieHellman", "System.Security.Cryptography.ECDiffieHellmanOpenSsl",
        "System.Security.Cryptography.ECDsa", "System.Security.Cryptography.ECDsaOpenSsl",
        "System.Security.Cryptography.RSA", "System.Security.Cryptography.RSAOpenSsl",
        "System.Security.Cryptography.DSA", "System.Security.Cryptography.MLKem", "System.Security.Cryptography.MLDsa",
    ];

    public static bool InCore(MemberUse use) =>
        Types.Contains(Outermost(use.Type)) || Members.Contains((use.Type, use.Member))
        || Namespaces.Any(rule => IsDirectlyIn(use.Type, rule.Namespace) && !rule.Except.Contains(Outermost(use.Type)[(rule.Namespace.Length + 1)..]));

    public static bool InCrypto(MemberUse use) =>
        RandomOrClockTypes.Contains(Outermost(use.Type)) || Members.Contains((use.Type, use.Member));

    /// <summary>Functions of native libraries that draw randomness, generate keys, sign with randomness or read a clock.</summary>
    public static bool IsNondeterministicFunction(string function) =>
        NativePrefixes.Any(prefix => function.StartsWith(prefix, StringComparison.Ordinal))
        || NativeParts.Any(part => function.Contains(part, StringComparison.Ordinal))
        || NativeNames.Contains(function);

    static readonly string[] NativePrefixes = ["RAND_", "BN_rand", "BN_priv_rand", "EVP_PKEY_sign", "EVP_DigestSign", "EVP_PKEY_encapsulate", "arc4random"];
    static readonly string[] NativeParts = ["keygen", "paramgen", "_generate", "_rand_key", "_Q_keygen"];
    static readonly string[] NativeNames = ["time", "gettimeofday", "clock", "clock_gettime", "getrandom", "getentropy", "rand", "random"];

    static bool IsDirectlyIn(string type, string @namespace) =>
        type.StartsWith(@namespace, StringComparison.Ordinal) && type.LastIndexOf('.') == @namespace.Length;

    static string Outermost(string type) => type.Split('+')[0];
}
