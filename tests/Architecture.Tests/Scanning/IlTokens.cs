using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Ipsec.Architecture.Tests.Scanning;

/// <summary>Walks the instructions of a method body (ECMA-335 partition III) and gives the metadata tokens of their operands.</summary>
static class IlTokens
{
    const byte TwoByteOpCode = 0xFE;

    static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    public static IEnumerable<int> Read(byte[] body)
    {
        int position = 0;
        while (position < body.Length)
        {
            short value = body[position++];
            if (value == TwoByteOpCode)
                value = unchecked((short)(value << 8 | body[position++]));
            OpCode code = OpCodesByValue[value];
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                yield return BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(position));
            position += OperandLength(code.OperandType, body, position);
        }
    }

    static int OperandLength(OperandType type, byte[] body, int position) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(position)),
        _ => 4,
    };
}
