using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Outer;

/// <summary>The kernel's choice between two sockets of one UDP port, as a program of the classic Berkeley packet filter over the UDP payload.</summary>
static unsafe class PortFilter
{
    const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const ushort Return = 0x06; // BPF_RET | BPF_K

    /// <summary>
    /// The first socket takes what begins with four zeros, the non-ESP marker (RFC 3948 §2.2), and what is shorter than four octets: a load beyond the end returns 0. The
    /// second one takes the rest.
    /// </summary>
    public static bool TryAttach(FileDescriptor socket)
    {
        ReadOnlySpan<Instruction> program =
        [
            new Instruction(LoadWord, 0, 0, 0),
            new Instruction(JumpIfEqual, 0, 1, 0),
            new Instruction(Return, 0, 0, 0),
            new Instruction(Return, 0, 0, 1),
        ];
        fixed (Instruction* start = program)
        {
            var filter = new Program { Length = (ushort)program.Length, Instructions = start };
            return LibC.SetSocketOption(socket, SocketConstants.LevelSocket, SocketConstants.AttachReusePortFilter, &filter, (uint)sizeof(Program)) == 0;
        }
    }

    /// <summary>struct sock_filter.</summary>
    readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Constant);

    /// <summary>struct sock_fprog.</summary>
    struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
