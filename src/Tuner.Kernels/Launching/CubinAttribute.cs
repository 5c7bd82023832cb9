using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Launching;

/// <summary>One attribute of a <c>.nv.info</c> section: a code and up to a few 32-bit words.</summary>
internal sealed record CubinAttribute(int Code, uint[] Words)
{
    public const int MaxThreads = 0x05;
    public const int RequiredThreads = 0x10;
    public const int FrameSize = 0x11;
    public const int RegisterCount = 0x2f;

    /// <summary>The format of an attribute whose last two bytes are the length of what follows.</summary>
    private const byte Sized = 4;

    public static List<CubinAttribute> ReadAll(ReadOnlySpan<byte> section)
    {
        var attributes = new List<CubinAttribute>();
        for (int at = 0; at + 4 <= section.Length;)
        {
            (byte format, byte code, int size) = (section[at], section[at + 1], BinaryPrimitives.ReadUInt16LittleEndian(section[(at + 2)..]));
            at += 4;
            if (format != Sized)
                continue;
            if (size > section.Length - at)
                throw new InvalidDataException($"No whole cubin: attribute 0x{code:x2} asks for {size} bytes and {section.Length - at} are left.");
            attributes.Add(new CubinAttribute(code, MemoryMarshal.Cast<byte, uint>(section.Slice(at, size)).ToArray()));
            at += size;
        }

        return attributes;
    }
}
