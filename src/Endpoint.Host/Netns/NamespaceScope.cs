using System.Runtime.ExceptionServices;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Netns;

/// <summary>
/// A network namespace in which things are opened: sockets, TUN devices and netlink channels stay in the namespace in which they were made, whoever uses them later.
/// Each opening has a thread of its own that enters the namespace and ends there. It must not start threads, nor queue work to the thread pool or to a timer:
/// a thread begins in the namespace of whoever starts it, and a pool thread that began in another one would stay there.
/// </summary>
sealed class NamespaceScope
{
    /// <summary>Where iproute2 keeps its named namespaces.</summary>
    public const string Folder = "/run/netns";

    /// <summary>The namespace of this process.</summary>
    public static NamespaceScope Here { get; } = new(null);

    readonly string? _name;

    NamespaceScope(string? name) => _name = name;

    /// <summary>A namespace that <c>ip netns</c> knows by this name.</summary>
    public static NamespaceScope Of(string name) => new(name);

    /// <summary>Calls the function inside and waits for it; what it throws comes out here.</summary>
    /// <exception cref="UserErrorException">The namespace is gone, or may not be entered.</exception>
    public T Run<T>(Func<T> open)
    {
        if (_name is null)
            return open();
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(_name);
                result = open();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true, Name = $"in {_name}" };
        thread.UnsafeStart();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    static void Enter(string name)
    {
        using FileDescriptor target = LibC.Open(Path.Combine(Folder, name), SocketConstants.CloseOnExec);
        int error = target.IsInvalid || LibC.EnterNamespace(target, NamespaceConstants.Network) != 0 ? LibC.LastError : 0;
        if (error != 0)
            throw new UserErrorException($"The network namespace {name} cannot be entered: {LibC.Describe(error)}.");
    }
}
