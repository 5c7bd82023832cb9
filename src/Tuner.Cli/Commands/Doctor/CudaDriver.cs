using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Tuner.Cli.Commands.Doctor;

/// <summary>Whether an NVIDIA driver and a GPU are there. Only calibration on a GPU needs them.</summary>
internal static class CudaDriver
{
    private const string Linux = "libcuda.so.1";
    private const string Windows = "nvcuda.dll";
    private const int NameBytes = 100;

    private delegate int Init(uint flags);

    private delegate int Read(out int value);

    private delegate int ReadName(byte[] name, int length, int device);

    public static Finding Check()
    {
        string library = OperatingSystem.IsWindows() ? Windows : Linux;
        if (!NativeLibrary.TryLoad(library, out nint driver))
            return Absent($"{library} was not found: no NVIDIA driver. Training runs on the CPU, which is enough for the shipped scenarios");
        if (!TryExport(driver, "cuInit", out Init? init) || !TryExport(driver, "cuDriverGetVersion", out Read? version)
            || !TryExport(driver, "cuDeviceGetCount", out Read? count) || !TryExport(driver, "cuDeviceGetName", out ReadName? name))
        {
            return Absent($"{library} loads but is no CUDA driver");
        }

        int status = init!(0);
        if (status != 0 || version!(out int release) != 0 || count!(out int devices) != 0 || devices == 0)
            return Absent(string.Create(CultureInfo.InvariantCulture, $"{library} is there, but no GPU answers (cuInit says {status})"));
        IEnumerable<string> names = Enumerable.Range(0, devices).Select(device => NameOf(name!, device));
        return new Finding(
            "CUDA", CheckOutcome.Ok, string.Create(CultureInfo.InvariantCulture, $"driver {release / 1000}.{release % 1000 / 10}: {string.Join(", ", names)}"));
    }

    private static Finding Absent(string found) => new("CUDA", CheckOutcome.Absent, found);

    private static bool TryExport<T>(nint library, string function, out T? found)
        where T : Delegate
    {
        found = NativeLibrary.TryGetExport(library, function, out nint address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;
        return found is not null;
    }

    private static string NameOf(ReadName read, int device)
    {
        var name = new byte[NameBytes];
        return read(name, name.Length, device) == 0
            ? Encoding.UTF8.GetString(name.AsSpan(0, Math.Max(0, name.AsSpan().IndexOf((byte)0))))
            : $"GPU {device}";
    }
}
