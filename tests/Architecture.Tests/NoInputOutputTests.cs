using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ipsec.Architecture.Tests.Scanning;

namespace Ipsec.Architecture.Tests;

/// <summary>The core does no I/O, reads no clock and draws no randomness of its own (design decision D1).</summary>
public sealed class NoInputOutputTests
{
    /// <summary>ECDSA's nonce and PSS's salt cannot be seeded: signing is an operation, and its result is journaled.</summary>
    const string SigningType = "Ipsec.Crypto.OpenSsl.SigningFunctions";
    const string EncapsulationType = "Ipsec.Crypto.OpenSsl.EncapsulationFunctions";

    public static TheoryData<string> CoreProjects => [.. Repository.CoreProjects];

    [Theory]
    [MemberData(nameof(CoreProjects))]
    public void CoreUsesNoClockSocketFileOrRandomness(string project)
    {
        using AssemblyScan scan = new(Repository.AssemblyPath(project));
        Assert.Empty(scan.Uses().Where(ForbiddenUses.InCore).Select(use => use.ToString()).Distinct());
    }

    [Fact]
    public void CryptoUsesNoManagedClockOrRandomness()
    {
        using AssemblyScan scan = new(Repository.AssemblyPath("Crypto"));
        Assert.Empty(scan.Uses().Where(ForbiddenUses.InCrypto).Select(use => use.ToString()).Distinct());
    }

    [Fact]
    public void OnlySigningImportsNativeFunctionsThatDrawOrReadAClock()
    {
        using AssemblyScan scan = new(Repository.AssemblyPath("Crypto"));
        (string Type, string Function)[] found =
            [.. scan.NativeImports().Where(import => ForbiddenUses.IsNondeterministicFunction(import.Function))];
        // Encapsulation is given its randomness: tests/Crypto.Tests proves it, the same source gives the same ciphertext.
        Assert.All(found, import => Assert.Equal(OuterType(import.Type),
            import.Function.StartsWith("EVP_DigestSign", StringComparison.Ordinal) ? SigningType
            : import.Function.StartsWith("EVP_PKEY_encapsulate", StringComparison.Ordinal) ? EncapsulationType : ""));
        Assert.NotEmpty(found);
        // Names for messages apart, nothing is looked up by name.
        Assert.DoesNotContain(scan.StringLiterals(),
            literal => ForbiddenUses.IsNondeterministicFunction(literal) && !found.Any(import => import.Function == literal));
    }

    [Theory]
    [MemberData(nameof(CoreProjects))]
    public void OnlyCryptoImportsNativeFunctions(string project)
    {
        using AssemblyScan scan = new(Repository.AssemblyPath(project));
        Assert.Empty(scan.NativeImports());
    }

    [Theory]
    [InlineData(nameof(Offender.ReadsClock), "System.DateTime.get_UtcNow")]
    [InlineData(nameof(Offender.MeasuresTime), "System.Diagnostics.Stopwatch.GetTimestamp")]
    [InlineData(nameof(Offender.DrawsRandomness), "System.Security.Cryptography.RandomNumberGenerator.Fill")]
    [InlineData(nameof(Offender.GeneratesKey), "System.Security.Cryptography.ECDiffieHellman.Create")]
    [InlineData(nameof(Offender.OpensFile), "System.IO.File.ReadAllText")]
    [InlineData(nameof(Offender.OpensSocket), "System.Net.Sockets.UdpClient..ctor")]
    [InlineData(nameof(Offender.Sleeps), "System.Threading.Thread.Sleep")]
    [InlineData(nameof(Offender.Hashes), "System.HashCode.Combine")]
    [InlineData("<WaitsInALambda>", "System.Threading.Tasks.Task.Delay")]
    public void FindsTheOffender(string method, string use)
    {
        using AssemblyScan scan = new(typeof(Offender).Assembly.Location);
        Assert.Contains(scan.Uses().Where(ForbiddenUses.InCore),
            found => found.User.Contains($"{nameof(Offender)}", StringComparison.Ordinal)
                     && found.User.Contains(method, StringComparison.Ordinal) && $"{found.Type}.{found.Member}" == use);
    }

    [Fact]
    public void FindsTheOffendingNativeImport()
    {
        using AssemblyScan scan = new(typeof(Offender).Assembly.Location);
        Assert.Contains(scan.NativeImports(), import => import.Type.EndsWith(nameof(Offender), StringComparison.Ordinal)
            && ForbiddenUses.IsNondeterministicFunction(import.Function));
    }

    [Fact]
    public void SeesWhatCryptoImports()
    {
        using AssemblyScan scan = new(Repository.AssemblyPath("Crypto"));
        Assert.Contains(scan.NativeImports(), import => import.Function.StartsWith("EVP_", StringComparison.Ordinal));
    }

    static string OuterType(string type) => type.Split('+')[0];

    /// <summary>Does everything that is forbidden, so that the scan can be seen to find it. Never called.</summary>
    static class Offender
    {
        public static DateTime ReadsClock() => DateTime.UtcNow;

        public static long MeasuresTime() => Stopwatch.GetTimestamp();

        public static void DrawsRandomness(byte[] destination) => RandomNumberGenerator.Fill(destination);

        public static object GeneratesKey() => ECDiffieHellman.Create();

        public static string OpensFile() => File.ReadAllText("anything");

        public static object OpensSocket() => new System.Net.Sockets.UdpClient();

        public static void Sleeps() => Thread.Sleep(1);

        public static int Hashes() => HashCode.Combine(1, 2);

        public static Func<Task> WaitsInALambda() => () => Task.Delay(1);

        [DllImport("libcrypto.so.3")]
        public static extern int RAND_bytes(byte[] destination, int count);
    }
}
