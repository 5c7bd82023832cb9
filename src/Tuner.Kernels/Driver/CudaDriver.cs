using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using static Tuner.Kernels.Driver.CudaApi;

namespace Tuner.Kernels.Driver;

/// <summary>The machine's CUDA driver and the GPUs it answers for.</summary>
public sealed class CudaDriver
{
    private const int NameBytes = 256;

    /// <summary>CU_DEVICE_ATTRIBUTE_* of cuda.h.</summary>
    private const int MultiprocessorCount = 16;
    private const int L2CacheSize = 38;
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;

    private static readonly Lazy<(CudaDriver? Driver, string Description)> Found = new(Look);

    private CudaDriver(int version, CudaDeviceSpec[] devices) => (Version, Devices) = (version, devices);

    /// <summary>The newest CUDA version the driver knows, as it says it: 12040 is 12.4.</summary>
    public int Version { get; }

    /// <summary>Its GPUs, at least one.</summary>
    public IReadOnlyList<CudaDeviceSpec> Devices { get; }

    /// <summary>Looks for a driver with at least one GPU. Never throws for want of either.</summary>
    public static bool TryOpen([NotNullWhen(true)] out CudaDriver? driver)
    {
        driver = Found.Value.Driver;
        return driver is not null;
    }

    /// <summary>What was looked for and what was found, in a sentence or two.</summary>
    public static string Describe() => Found.Value.Description;

    /// <summary>Opens one GPU.</summary>
    /// <param name="ordinal">Its number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such GPU.</exception>
    /// <exception cref="CudaException">The driver refuses.</exception>
    public CudaDevice Open(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, Devices.Count);
        return new CudaDevice(Devices[ordinal]);
    }

    private static (CudaDriver? Driver, string Description) Look()
    {
        if (!CudaLibrary.IsThere)
            return (null, $"No NVIDIA driver: none of {string.Join(", ", CudaLibrary.Candidates)} loads.");
        try
        {
            Check(cuInit(0));
            Check(cuDriverGetVersion(out int version));
            Check(cuDeviceGetCount(out int count));
            string found = string.Create(CultureInfo.InvariantCulture, $"CUDA driver {version / 1000}.{version % 1000 / 10}");
            if (count == 0)
                return (null, $"{found} is there, but no GPU.");
            CudaDeviceSpec[] devices = [.. Enumerable.Range(0, count).Select(Ask)];
            return (new CudaDriver(version, devices), $"{found}: {string.Join(", ", devices.AsEnumerable())}.");
        }
        catch (CudaException refused)
        {
            return (null, $"An NVIDIA driver is there, but no GPU answers: {refused.Message}");
        }
        catch (EntryPointNotFoundException missing)
        {
            return (null, $"An NVIDIA driver is there, but too old: {missing.Message}");
        }
    }

    private static unsafe CudaDeviceSpec Ask(int ordinal)
    {
        Check(cuDeviceGet(out int device, ordinal));
        byte* name = stackalloc byte[NameBytes];
        Check(cuDeviceGetName(name, NameBytes, device));
        Check(cuDeviceGetAttribute(out int major, ComputeCapabilityMajor, device));
        Check(cuDeviceGetAttribute(out int minor, ComputeCapabilityMinor, device));
        Check(cuDeviceGetAttribute(out int multiprocessors, MultiprocessorCount, device));
        Check(cuDeviceGetAttribute(out int cache, L2CacheSize, device));
        Check(cuDeviceTotalMem_v2(out nuint bytes, device));
        return new CudaDeviceSpec(ordinal, Marshal.PtrToStringUTF8((nint)name)!, major, minor, (long)bytes, multiprocessors, cache);
    }
}
