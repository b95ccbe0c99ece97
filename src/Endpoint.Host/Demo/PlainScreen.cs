using Ipsec.Lab.Run;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Lines of text, for files and pipes.</summary>
sealed class PlainScreen(TextWriter output) : ILabScreen
{
    public void Write(Line line) => output.WriteLine(line.Text);

    public void Refresh(LabRun run)
    {
    }
}
