namespace Ipsec.EndpointHost.Tests.Lab;

/// <summary>A folder that goes when the test ends.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ipsec-lab-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
