using System.Buffers.Binary;
using System.Diagnostics;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>The other end of <see cref="ResponderChild"/>.</summary>
sealed class ResponderProcess : IDisposable
{
    readonly Process _process;
    readonly Stream _input;
    readonly Stream _output;
    readonly byte[] _number = new byte[8];

    public ResponderProcess()
    {
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. ThisProgram, ResponderChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _input = new BufferedStream(_process.StandardInput.BaseStream);
        _output = new BufferedStream(_process.StandardOutput.BaseStream);
    }

    /// <summary>Child SAs that it has installed.</summary>
    public int Established { get; private set; }

    /// <summary>Octets, after a collection.</summary>
    public long Memory
    {
        get
        {
            _input.Write([0, 0, 0, 0]);
            _input.Flush();
            _output.ReadExactly(_number);
            return BinaryPrimitives.ReadInt64BigEndian(_number);
        }
    }

    /// <summary>Hands one datagram over and returns what it answers.</summary>
    public List<byte[]> Exchange(ReadOnlySpan<byte> datagram)
    {
        ResponderChild.Write(_input, datagram);
        _input.Flush();
        List<byte[]> answers = [];
        int length;
        while ((length = ReadInt32()) != ResponderChild.EndOfTurn)
        {
            byte[] answer = new byte[length];
            _output.ReadExactly(answer);
            answers.Add(answer);
        }
        Established = ReadInt32();
        return answers;
    }

    public void Dispose()
    {
        _input.Dispose();
        _process.WaitForExit();
        _process.Dispose();
    }

    // "dotnet Ipsec.Benchmarks.dll" or the program itself.
    static IEnumerable<string> ThisProgram =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    int ReadInt32()
    {
        _output.ReadExactly(_number, 0, 4);
        return BinaryPrimitives.ReadInt32BigEndian(_number);
    }
}
