using System.Globalization;
using System.Runtime.InteropServices;

namespace Tuner.Cli.Commands.Doctor;

/// <summary>Everything the doctor looks at, needed things first.</summary>
internal static class Checks
{
    private const double GibiByte = 1L << 30;
    private const double NeededMemory = 2 * GibiByte;
    private const int NeededMajor = 10;

    public static IEnumerable<Finding> All()
    {
        yield return Dotnet();
        Finding runtime = CppRuntime.Check();
        yield return runtime;
        yield return TorchCheck.Check(runtime.Outcome == CheckOutcome.Ok);
        yield return Memory();
        yield return Processors();
        yield return WorkingFolder();
        yield return CudaCheck.Check();
        yield return NvrtcCheck.Check();
    }

    private static Finding Dotnet() => new(
        ".NET",
        Environment.Version.Major >= NeededMajor ? CheckOutcome.Ok : CheckOutcome.Missing,
        $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
        Environment.Version.Major >= NeededMajor ? null : "install the .NET 10 SDK from https://dotnet.microsoft.com/download/dotnet/10.0");

    private static Finding Memory()
    {
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string found = string.Create(CultureInfo.InvariantCulture, $"{available / GibiByte:0.#} GiB");
        return available >= NeededMemory
            ? new Finding("memory", CheckOutcome.Ok, found)
            : new Finding("memory", CheckOutcome.Missing, found, "training needs 2 GiB; give the machine or the container more");
    }

    private static Finding Processors()
        => new("processors", CheckOutcome.Ok, Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));

    private static Finding WorkingFolder()
    {
        try
        {
            Shared.RequireWritableFolder(Directory.GetCurrentDirectory());
            return new Finding("working folder", CheckOutcome.Ok, $"{Directory.GetCurrentDirectory()} can be written to");
        }
        catch (UserErrorException denied)
        {
            return new Finding("working folder", CheckOutcome.Missing, denied.Message, "change to a folder of your own: results go to ./runs");
        }
    }
}
