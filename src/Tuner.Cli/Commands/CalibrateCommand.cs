using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Driver;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner calibrate</c>: from kernels timed on this machine to a hardware profile.</summary>
internal static class CalibrateCommand
{
    private const double DefaultBudgetSeconds = 90;
    private const double LongestBudgetSeconds = 86_400;

    public static Command Create(IAnsiConsole console)
    {
        Option<string> device = new("--device") { Description = "What to measure: cpu.", DefaultValueFactory = _ => "cpu" };
        Option<string> target = new("--out") { Description = "Where the hardware profile goes (*.json).", Required = true };
        Option<double> budget = new("--budget") { Description = "Seconds to spend; below 20 a coarse grid.", DefaultValueFactory = _ => DefaultBudgetSeconds };
        Option<string?> raw = new("--measurements") { Description = "Also write every measured point to this file (*.json)." };
        var command = new Command("calibrate", "Time the kernels on this machine and write a hardware profile.") { device, target, budget, raw };
        command.SetAction((parsed, cancellation) =>
        {
            RequireCpu(parsed.GetValue(device)!);
            TimeSpan time = Budget(parsed.GetValue(budget));
            string path = parsed.GetValue(target)!;
            Shared.RequireWritableFile(path);
            Shared.RequireWritableFile(parsed.GetValue(raw));
            MachineSpec machine = MachineSpec.Read();
            var date = DateOnly.FromDateTime(DateTime.UtcNow);
            KernelMeasurements measured = LiveProgress.Run(report => CpuCalibration.Run(CpuGrid.For(time), machine, time, date, report, cancellation));
            if (parsed.GetValue(raw) is { } file)
                new MeasurementFile(MeasurementFile.CurrentFormat, date, machine, measured).Save(file);
            HardwareProfile profile = CpuProfile.Fit(measured, machine);
            Shared.WriteFile(path, HardwareFile.Write(profile) + "\n");
            Print(console, machine, measured, profile);
            console.WriteLine($"profile: {path}");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void RequireCpu(string device)
    {
        if (device == "cpu")
            return;
        if (device != "cuda" && !device.StartsWith("cuda:", StringComparison.Ordinal))
            throw new UserErrorException($"--device {device}: expected cpu.");
        throw new UserErrorException(CudaDriver.TryOpen(out _)
            ? $"--device {device}: calibration on a GPU is not there yet, though there is one ({CudaDriver.Describe().TrimEnd('.')}); use --device cpu."
            : $"--device {device}: no GPU found ({CudaDriver.Describe().TrimEnd('.')}), and calibration on one is not there yet; use --device cpu.");
    }

    private static TimeSpan Budget(double seconds)
        => seconds is > 0 and <= LongestBudgetSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"--budget is {seconds}; expected seconds above 0 and at most {LongestBudgetSeconds}."));

    private static void Print(IAnsiConsole console, MachineSpec machine, KernelMeasurements measured, HardwareProfile profile)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("kernel", "arithmetic", "memory", "floor of a call");
        Add(table, "product, 32-bit weights", profile.Bf16.FlopsPerSecond, profile.Bf16.BytesPerSecond, profile.Bf16.OverheadSeconds);
        Add(table, "product, 8-bit weights", profile.Fp8.FlopsPerSecond, profile.Fp8.BytesPerSecond, profile.Fp8.OverheadSeconds);
        Add(table, "product, 4-bit weights", profile.Fp4.FlopsPerSecond, profile.Fp4.BytesPerSecond, profile.Fp4.OverheadSeconds);
        Add(table, "prefill attention", profile.Attention.PrefillFlopsPerSecond, null, profile.Attention.PrefillOverheadSeconds);

        // The profile counts a 32-bit cache as 16-bit: twice its rate is what was streamed.
        Add(table, "decode, 32-bit cache", null, 2 * profile.Attention.DecodeBytesPerSecond16, profile.Attention.DecodeOverheadSeconds16);
        Add(table, "decode, 8-bit cache", null, profile.Attention.DecodeBytesPerSecond8, profile.Attention.DecodeOverheadSeconds8);
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
