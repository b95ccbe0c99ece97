using System.Text;
using Ipsec.EndpointHost.CommandLine;

namespace Ipsec.EndpointHost.Configuration;

/// <summary>Text files that the user named.</summary>
static class FileText
{
    /// <exception cref="UserErrorException">The file cannot be read or is no UTF-8 text.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new UserErrorException($"{path}: cannot be read: it is no UTF-8 text.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserErrorException($"{path}: cannot be read: {ReasonFor(exception, path)}.");
        }
    }

    /// <summary>Writes a whole file, in UTF-8.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserErrorException($"{path}: cannot be written: {ReasonFor(exception, path)}.");
        }
    }

    /// <summary>Why a file cannot be read, as a clause without a full stop.</summary>
    public static string ReasonFor(Exception exception, string path) => Directory.Exists(path) ? "it is a folder" : Reason(exception);

    /// <summary>What the operating system refused, as a clause without a full stop.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "permission denied",
        _ => exception.Message.TrimEnd('.'),
    };
}
