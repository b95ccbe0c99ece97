using Ipsec.Endpoint.Journal;
using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Lab;

/// <summary>
/// One journal file for each node and each of its lives. They hold every random draw, and so open the recorded traffic: for their owner alone.
/// </summary>
sealed class JournalFolder : IDisposable
{
    readonly string _folder;
    readonly List<JournalFile> _files = [];

    JournalFolder(string folder) => _folder = folder;

    /// <exception cref="UserErrorException">The folder cannot be made.</exception>
    public static JournalFolder Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new JournalFolder(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The journals cannot be written to {folder}: {exception.Message.TrimEnd('.')}.");
        }
    }

    public IEndpointJournal Create(string node)
    {
        var file = new JournalFile(new FileStream(Path.Combine(_folder, node + ".journal"),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }));
        _files.Add(file);
        return file;
    }

    public void Dispose()
    {
        foreach (JournalFile file in _files)
            file.Stream.Dispose();
    }

    sealed record JournalFile(FileStream Stream) : IEndpointJournal
    {
        public void Append(ReadOnlySpan<byte> record) => Stream.Write(record);
    }
}
