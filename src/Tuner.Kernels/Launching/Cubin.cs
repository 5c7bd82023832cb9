using System.Buffers.Binary;
using System.Text;

namespace Tuner.Kernels.Launching;

/// <summary>A compiled GPU program, read for what its kernels need. No GPU and no driver takes part.</summary>
/// <remarks>
/// A cubin is an ELF file. Registers are attribute 0x2f of section <c>.nv.info</c> and, before sm_90, also the upper byte of
/// <c>sh_info</c> of section <c>.text.NAME</c>; barriers are bits 20 to 26 of that section's flags; shared memory is the size of
/// <c>.nv.shared.NAME</c>, where the compiler counts the driver's 1 KiB in from sm_90 on; launch bounds and frame size are
/// attributes 0x05 and 0x11 (names and numbers as printed by NVIDIA's cuobjdump and readelf). Checked on files by NVRTC 12.4 for
/// sm_80 and sm_90; files of the newer layout that CUDA 13 writes keep the target in other bits, which are read but untested.
/// </remarks>
public sealed class Cubin
{
    private const int HeaderBytes = 64;
    private const int SectionBytes = 64;
    private const ushort CudaMachine = 190;
    private const int NewLayoutVersion = 8;
    private const int FirstCountingReserved = 90;

    private Cubin(ComputeCapability capability, IReadOnlyList<KernelResources> kernels) => (Capability, Kernels) = (capability, kernels);

    /// <summary>What it was compiled for.</summary>
    public ComputeCapability Capability { get; }

    /// <summary>Its kernels, in the order of the file.</summary>
    public IReadOnlyList<KernelResources> Kernels { get; }

    /// <summary>The kernel of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public KernelResources Kernel(string name)
        => Kernels.FirstOrDefault(kernel => kernel.Name == name)
            ?? throw new ArgumentException($"No kernel '{name}' in this program; it has {string.Join(", ", Kernels.Select(kernel => kernel.Name))}.", nameof(name));

    /// <summary>Reads a cubin.</summary>
    /// <exception cref="InvalidDataException">It is no cubin, or is cut short.</exception>
    public static Cubin Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderBytes || !file.StartsWith("\u007fELF"u8) || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException($"No cubin: {file.Length} bytes that are not a 64-bit little-endian ELF file.");
        if (BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) is var machine and not CudaMachine)
            throw new InvalidDataException($"No cubin: an ELF file for machine {machine}, not {CudaMachine} (CUDA).");
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(file[48..]);
        int target = (int)(file[8] >= NewLayoutVersion ? (flags >> 8) & 0xff : flags & 0xff);
        List<CubinSection> sections = Sections(file);
        var registers = new Dictionary<uint, int>();
        var frames = new Dictionary<uint, int>();
        if (sections.Find(section => section.Name == ".nv.info") is { } info)
            ReadProgramAttributes(info.Content(file), registers, frames);

        var kernels = new List<KernelResources>();
        foreach (CubinSection code in sections.Where(section => section.Name.StartsWith(".text.", StringComparison.Ordinal)))
        {
            string name = code.Name[".text.".Length..];
            uint symbol = code.Info & 0xffffff;
            long shared = sections.Find(section => section.Name == ".nv.shared." + name)?.Size ?? 0;
            if (target >= FirstCountingReserved)
                shared = Math.Max(0, shared - MultiprocessorLimits.Of(new(9, 0)).ReservedSharedBytes);
            int threads = sections.Find(section => section.Name == ".nv.info." + name) is { } own
                ? MaxThreads(own.Content(file))
                : MultiprocessorLimits.ThreadsPerBlock;
            kernels.Add(new KernelResources(
                name,
                registers.TryGetValue(symbol, out int count) ? count : (int)(code.Info >> 24),
                (int)shared,
                threads,
                frames.GetValueOrDefault(symbol),
                (int)((code.Flags >> 20) & 0x7f)));
        }

        return new Cubin(ComputeCapability.OfTarget(target), kernels);
    }

    private static List<CubinSection> Sections(ReadOnlySpan<byte> file)
    {
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(file[40..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[60..]);
        int names = BinaryPrimitives.ReadUInt16LittleEndian(file[62..]);
        if (start > (ulong)file.Length || (ulong)file.Length - start < (ulong)count * SectionBytes || names >= count)
            throw new InvalidDataException($"No whole cubin: {count} sections are listed at byte {start}, and the file ends at {file.Length}.");
        ReadOnlySpan<byte> table = file[(int)start..];
        var sections = new List<CubinSection>(count);
        CubinSection strings = CubinSection.Read(table[(names * SectionBytes)..], "");
        ReadOnlySpan<byte> text = strings.Content(file);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table[(i * SectionBytes)..];
            uint at = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            if (at >= (uint)text.Length)
                throw new InvalidDataException($"No whole cubin: the name of section {i} lies outside the name table.");
            ReadOnlySpan<byte> name = text[(int)at..];
            int end = name.IndexOf((byte)0);
            sections.Add(CubinSection.Read(entry, Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
        }

        return sections;
    }

    private static void ReadProgramAttributes(ReadOnlySpan<byte> info, Dictionary<uint, int> registers, Dictionary<uint, int> frames)
    {
        foreach (CubinAttribute attribute in CubinAttribute.ReadAll(info))
        {
            Dictionary<uint, int>? values = attribute.Code switch { CubinAttribute.RegisterCount => registers, CubinAttribute.FrameSize => frames, _ => null };
            if (values is not null && attribute.Words is [var symbol, var value])
                values[symbol] = (int)value;
        }
    }

    private static int MaxThreads(ReadOnlySpan<byte> info)
    {
        foreach (CubinAttribute attribute in CubinAttribute.ReadAll(info))
        {
            if (attribute.Code is CubinAttribute.MaxThreads or CubinAttribute.RequiredThreads && attribute.Words is [var x, var y, var z])
                return (int)Math.Min((ulong)MultiprocessorLimits.ThreadsPerBlock, (ulong)x * y * z);
        }

        return MultiprocessorLimits.ThreadsPerBlock;
    }
}
