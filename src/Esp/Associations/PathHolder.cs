using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>An immutable box around a path, so that workers always read a whole one.</summary>
sealed class PathHolder(NetworkPath path)
{
    readonly NetworkPath _path = path;

    public ref readonly NetworkPath Path => ref _path;
}
