using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>The machine's CUDA driver and the GPUs it answers for.</summary>
public sealed class CudaDriver
{
    private const int NameBytes = 256;

    /// <summary>Compute capability 9.0 and graphs as used here came with CUDA 12.0.</summary>
    private const int OldestVersion = 12000;

    /// <summary>CU_DEVICE_ATTRIBUTE_* of cuda.h.</summary>
    private const int MultiprocessorCount = 16;
    private const int L2CacheSize = 38;
    private const int ClockRateKilohertz = 13;
    private const int MemoryClockRateKilohertz = 36;
    private const int MemoryBusBits = 37;
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;

    private static readonly Lazy<(CudaDriver? Driver, string Description)> Found = new(() => Look(CudaBindings.Chosen));

    private readonly ICudaApi api;

    private CudaDriver(ICudaApi api, int version, CudaDeviceSpec[] devices) => (this.api, Version, Devices) = (api, version, devices);

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
        return new CudaDevice(api, Devices[ordinal]);
    }

    /// <summary>Looks afresh, through one binding.</summary>
    internal static (CudaDriver? Driver, string Description) Look(ICudaApi api)
    {
        if (!CudaLibrary.IsThere)
            return (null, $"No NVIDIA driver: none of {string.Join(", ", CudaLibrary.Candidates)} loads.");
        try
        {
            api.Check(api.cuInit(0));
            api.Check(api.cuDriverGetVersion(out int version));
            api.Check(api.cuDeviceGetCount(out int count));
            if (version < OldestVersion)
                return (null, string.Create(CultureInfo.InvariantCulture, $"An NVIDIA driver is there, but too old: it knows CUDA {version / 1000}.{version % 1000 / 10}, and {OldestVersion / 1000}.{OldestVersion % 1000 / 10} is the oldest supported."));
            string found = string.Create(CultureInfo.InvariantCulture, $"CUDA driver {version / 1000}.{version % 1000 / 10}");
            if (count == 0)
                return (null, $"{found} is there, but no GPU.");
            CudaDeviceSpec[] devices = [.. Enumerable.Range(0, count).Select(ordinal => Ask(api, ordinal))];
            return (new CudaDriver(api, version, devices), $"{found}: {string.Join(", ", devices.AsEnumerable())}.");
        }
        catch (CudaException refused)
        {
            return (null, $"An NVIDIA driver is there, but no GPU answers: {refused.Message}");
        }
        catch (DllNotFoundException missing)
        {
            return (null, $"An NVIDIA driver is there, but the {api.Binding} binding does not find it: {missing.Message}");
        }
        catch (EntryPointNotFoundException missing)
        {
            return (null, $"An NVIDIA driver is there, but too old: {missing.Message}");
        }
    }

    private static unsafe CudaDeviceSpec Ask(ICudaApi api, int ordinal)
    {
        api.Check(api.cuDeviceGet(out int device, ordinal));
        byte* name = stackalloc byte[NameBytes];
        api.Check(api.cuDeviceGetName(name, NameBytes, device));
        api.Check(api.cuDeviceGetAttribute(out int major, ComputeCapabilityMajor, device));
        api.Check(api.cuDeviceGetAttribute(out int minor, ComputeCapabilityMinor, device));
        api.Check(api.cuDeviceGetAttribute(out int multiprocessors, MultiprocessorCount, device));
        api.Check(api.cuDeviceGetAttribute(out int cache, L2CacheSize, device));
        api.Check(api.cuDeviceGetAttribute(out int clock, ClockRateKilohertz, device));
        api.Check(api.cuDeviceGetAttribute(out int memoryClock, MemoryClockRateKilohertz, device));
        api.Check(api.cuDeviceGetAttribute(out int busBits, MemoryBusBits, device));
        api.Check(api.cuDeviceTotalMem_v2(out nuint bytes, device));
        return new CudaDeviceSpec(ordinal, Marshal.PtrToStringUTF8((nint)name)!, major, minor, (long)bytes, multiprocessors, cache)
        {
            ClockHertz = 1e3 * clock,
            MemoryBytesPerSecond = 2 * 1e3 * memoryClock * (busBits / 8.0),
        };
    }
}
