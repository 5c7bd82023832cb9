using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Calibration;

/// <summary>The machine CPU kernels are timed on.</summary>
/// <param name="Processor">The processor's name, as it gives it.</param>
/// <param name="Cores">Logical processors this process may use.</param>
/// <param name="SimdBits">Width of the vectors the kernels use.</param>
/// <param name="MemoryBytes">Memory this process may use.</param>
/// <param name="CacheBytes">Last-level cache; 64 MiB where the system does not say.</param>
public sealed record MachineSpec(string Processor, int Cores, int SimdBits, long MemoryBytes, long CacheBytes)
{
    /// <summary>More than most processors have, so that a working set of twice as much comes from memory.</summary>
    private const long AssumedCacheBytes = 64L << 20;

    /// <summary>Asks this machine.</summary>
    public static MachineSpec Read() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        Vector<byte>.Count * 8,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        CacheSize("/sys/devices/system/cpu/cpu0/cache"));

    /// <summary>Processor, cores and vector width, for a person.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Processor}, {Cores} cores, {SimdBits}-bit vectors");

    private static string ProcessorName()
    {
        const string info = "/proc/cpuinfo";
        string? line = File.Exists(info) ? File.ReadLines(info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? $"{RuntimeInformation.ProcessArchitecture} processor";
    }

    /// <summary>The largest cache Linux lists, written like <c>32768K</c>.</summary>
    private static long CacheSize(string folder)
    {
        if (!Directory.Exists(folder))
            return AssumedCacheBytes;
        long largest = Directory.GetDirectories(folder, "index*")
            .Select(index => Path.Combine(index, "size"))
            .Where(File.Exists)
            .Select(file => File.ReadAllText(file).Trim())
            .Select(text => long.TryParse(text.TrimEnd('K'), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes << 10 : 0)
            .DefaultIfEmpty(0)
            .Max();
        return largest > 0 ? largest : AssumedCacheBytes;
    }
}
