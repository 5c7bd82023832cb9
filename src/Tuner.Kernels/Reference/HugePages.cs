using System.Runtime.InteropServices;

namespace Tuner.Kernels.Reference;

/// <summary>Asks Linux for 2 MiB pages: with 4 KiB ones a cache read block by block waits for address translation more than for data.</summary>
internal static unsafe partial class HugePages
{
    /// <summary>Size and alignment of a huge page on x86-64, and on ARM with 4 KiB base pages.</summary>
    public const nuint Bytes = 2 << 20;

    /// <summary>MADV_HUGEPAGE of linux/mman.h.</summary>
    private const int AdviseHuge = 14;

    /// <summary>Asks; that the system declines is no error, only slower.</summary>
    public static void Advise(void* memory, nuint bytes)
    {
        if (OperatingSystem.IsLinux())
            _ = madvise(memory, bytes, AdviseHuge);
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);
}
