using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Outer;

/// <summary>The kernel's choice between the sockets of one UDP port, as a program of the classic Berkeley packet filter over the UDP payload.</summary>
static unsafe class PortFilter
{
    const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    const ushort LoadHalf = 0x28; // BPF_LD | BPF_H | BPF_ABS
    const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const ushort Multiply = 0x24; // BPF_ALU | BPF_MUL | BPF_K
    const ushort ShiftRight = 0x74; // BPF_ALU | BPF_RSH | BPF_K
    const ushort Modulo = 0x94; // BPF_ALU | BPF_MOD | BPF_K
    const ushort Add = 0x04; // BPF_ALU | BPF_ADD | BPF_K
    const ushort AddIndex = 0x0c; // BPF_ALU | BPF_ADD | BPF_X
    const ushort ToIndex = 0x07; // BPF_MISC | BPF_TAX
    const ushort Return = 0x06; // BPF_RET | BPF_K
    const ushort ReturnAccumulator = 0x16; // BPF_RET | BPF_A

    /// <summary>SKF_NET_OFF: offsets from here on count from the IP header.</summary>
    const uint NetworkHeader = 0xFFF00000;

    // Of the source address the last four octets, and the source port; behind IP options it is something else, and the same for every packet of a peer all the same.
    const uint SourceV4 = NetworkHeader + 12;
    const uint SourceV6 = NetworkHeader + 20;
    const uint PortBehindV4 = NetworkHeader + 20;
    const uint PortBehindV6 = NetworkHeader + 40;

    /// <summary>Fibonacci hashing: 2^32 divided by the golden ratio.</summary>
    const uint Spread = 0x9E3779B1;
    const uint UpperHalf = 16;

    /// <summary>
    /// The first socket takes what begins with four zeros, the non-ESP marker (RFC 3948 §2.2), and what is shorter than four octets: a load beyond the end returns 0. The
    /// others share the rest by its source, so that the packets of a peer stay in their order, also over a rekey.
    /// </summary>
    /// <param name="socket">The first one; the program counts for all that share its port.</param>
    /// <param name="others">At least 1.</param>
    public static bool TryAttach(FileDescriptor socket, int others, bool isV6)
    {
        ReadOnlySpan<Instruction> program =
        [
            new Instruction(LoadWord, 0, 0, 0),
            new Instruction(JumpIfEqual, 0, 1, 0),
            new Instruction(Return, 0, 0, 0),
            new Instruction(LoadWord, 0, 0, isV6 ? SourceV6 : SourceV4),
            new Instruction(ToIndex, 0, 0, 0),
            new Instruction(LoadHalf, 0, 0, isV6 ? PortBehindV6 : PortBehindV4),
            new Instruction(AddIndex, 0, 0, 0),
            new Instruction(Multiply, 0, 0, Spread),
            new Instruction(ShiftRight, 0, 0, UpperHalf),
            new Instruction(Modulo, 0, 0, (uint)others),
            new Instruction(Add, 0, 0, 1),
            new Instruction(ReturnAccumulator, 0, 0, 0),
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
