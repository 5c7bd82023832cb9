using System.Buffers.Binary;

namespace Tuner.Kernels.Launching;

/// <summary>One section header of a cubin.</summary>
internal sealed record CubinSection(string Name, uint Type, ulong Flags, ulong Offset, long Size, uint Info)
{
    private const uint NoContent = 8;

    public static CubinSection Read(ReadOnlySpan<byte> entry, string name) => new(
        name,
        BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(entry[32..]),
        BinaryPrimitives.ReadUInt32LittleEndian(entry[44..]));

    public ReadOnlySpan<byte> Content(ReadOnlySpan<byte> file)
    {
        if (Type == NoContent)
            return [];
        if (Size < 0 || Offset > (ulong)file.Length || (ulong)Size > (ulong)file.Length - Offset)
            throw new InvalidDataException($"No whole cubin: section '{Name}' reaches past the end of the file at byte {file.Length}.");
        return file.Slice((int)Offset, (int)Size);
    }
}
