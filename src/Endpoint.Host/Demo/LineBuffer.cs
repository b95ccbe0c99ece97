using Ipsec.Lab.Run;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Keeps lines for later.</summary>
sealed class LineBuffer : ILabScreen
{
    readonly List<Line> _lines = [];

    public IReadOnlyList<Line> Lines => _lines;

    public void Write(Line line) => _lines.Add(line);

    public void Refresh(LabRun run)
    {
    }
}
