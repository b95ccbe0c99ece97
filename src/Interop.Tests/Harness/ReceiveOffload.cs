using System.Text;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netns;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>Generic receive offload of a veth: packets that arrive one by one within a moment are put together as a network card's driver does it.</summary>
static class ReceiveOffload
{
    const nuint Ethtool = 0x8946; // SIOCETHTOOL
    const uint SetGenericReceiveOffload = 0x2c; // ETHTOOL_SGRO
    const int InterfaceRequestSize = 40;
    const int DataOffset = 16;

    /// <summary>How long a packet waits for the next one.</summary>
    const string WaitNanoseconds = "100000";

    internal static async Task SwitchOnAsync(NetworkNamespace inside, string device)
    {
        int error = NamespaceScope.Of(inside.Name).Run(() => Request(device));
        Assert.True(error == 0, $"{device}: {LibC.Describe(error)}");
        await inside.RunCheckedAsync("sh", "-c", $"echo {WaitNanoseconds} > /sys/class/net/{device}/gro_flush_timeout");
    }

    static unsafe int Request(string device)
    {
        using FileDescriptor socket = LibC.Socket(SocketConstants.Inet, SocketConstants.Datagram | SocketConstants.CloseOnExec, 0);
        uint* command = stackalloc uint[] { SetGenericReceiveOffload, 1 };
        byte* request = stackalloc byte[InterfaceRequestSize];
        Span<byte> octets = new(request, InterfaceRequestSize);
        octets.Clear();
        Encoding.ASCII.GetBytes(device, octets);
        *(uint**)(request + DataOffset) = command;
        return LibC.IoControl(socket, Ethtool, request) < 0 ? LibC.LastError : 0;
    }
}
