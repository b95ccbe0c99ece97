using Ipsec.EndpointHost.Inner;
using Ipsec.Esp;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>What one thread that moves packets has for itself.</summary>
/// <param name="Index">From 0 up: its queue of the TUN device and its socket of a shared port. Threads that have neither are number 0.</param>
/// <param name="DataPath">Its worker face.</param>
/// <param name="Writer">Where opened packets go.</param>
sealed record PacketWorker(int Index, DataPathWorker DataPath, IInnerWriter Writer);
