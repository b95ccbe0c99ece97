using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>A message of ours that is not protected, past the hook that may change it or hold it back.</summary>
static class ClearMessage
{
    /// <param name="datagram">Empty where a hook held the message back.</param>
    public static IkeMessage Build(EngineContext context, IkeMessage message, out byte[] datagram)
    {
        IkeMessage? changed = context.Hooks is IMessageHooks hooks ? hooks.Outgoing(message) : message;
        datagram = changed is null ? [] : MessageWriter.Write(changed);
        return changed ?? message;
    }
}
