using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Times the CPU kernels of this machine and fits a profile to them.</summary>
internal static class CpuMeasurement
{
    public static void Run(IAnsiConsole console, TimeSpan time, string path, string? raw, CancellationToken cancellation)
    {
        MachineSpec machine = MachineSpec.Read();
        var date = DateOnly.FromDateTime(DateTime.UtcNow);
        KernelMeasurements measured = LiveProgress.Run(report => CpuCalibration.Run(CpuGrid.For(time), machine, time, date, report, cancellation));
        if (raw is not null)
            new MeasurementFile(MeasurementFile.CurrentFormat, date, machine, measured).Save(raw);
        HardwareProfile profile = CpuProfile.Fit(measured, machine);
        Shared.WriteFile(path, HardwareFile.Write(profile) + "\n");
        Print(console, machine, measured, profile);
        console.WriteLine($"profile: {path}");
    }

    private static void Print(IAnsiConsole console, MachineSpec machine, KernelMeasurements measured, HardwareProfile profile)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("kernel", "arithmetic", "memory", "floor of a call");
        EngineKernels kernels = profile.Engines[0];
        foreach ((string name, KernelPrecision precision) in (IEnumerable<(string, KernelPrecision)>)[("product, 32-bit weights", KernelPrecision.Bf16), ("product, 8-bit weights", KernelPrecision.Fp8), ("product, 4-bit weights", KernelPrecision.NvFp4)])
        {
            GemmFit roofline = kernels.Products(precision).Roofline;
            Add(table, name, roofline.FlopsPerSecond, roofline.BytesPerSecond, roofline.OverheadSeconds);
        }

        AttentionTerm prefill = kernels.AttentionFor(AttentionPhase.Prefill, 16, 128);
        AttentionTerm wide = kernels.AttentionFor(AttentionPhase.Decode, 16, 128);
        AttentionTerm narrow = kernels.AttentionFor(AttentionPhase.Decode, 8, 128);
        Add(table, "prefill attention", prefill.Rate, null, prefill.FloorSeconds);

        // The profile counts a 32-bit cache as 16-bit: twice its rate is what was streamed.
        Add(table, "decode, 32-bit cache", null, 2 * wide.Rate, wide.FloorSeconds);
        Add(table, "decode, 8-bit cache", null, narrow.Rate, narrow.FloorSeconds);
        Add(table, "copy", null, profile.PeerBytesPerSecond, profile.HopSeconds);
        console.WriteLine(machine.ToString());
        console.Write(table);
        double[] spreads = [.. measured.Gemm.Select(sample => sample.Spread ?? 0).Concat(measured.Attention.Select(sample => sample.Spread ?? 0)).Order()];
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{spreads.Length} kernel points; half of them varied by less than {spreads[spreads.Length / 2]:P0} between the quartiles, the worst by {spreads[^1]:P0}."));
        console.WriteLine(profile.Sources[^1]);
    }

    private static void Add(Table table, string kernel, double? flops, double? bytes, double overhead)
        => table.AddRow(
            kernel,
            flops is { } f ? string.Create(CultureInfo.InvariantCulture, $"{f / 1e9:0.0} GFLOP/s") : "",
            bytes is { } b ? string.Create(CultureInfo.InvariantCulture, $"{b / 1e9:0.0} GB/s") : "",
            string.Create(CultureInfo.InvariantCulture, $"{overhead * 1e6:0.0} us"));
}
