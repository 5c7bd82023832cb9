using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tuner.Cli.Commands.Calibration;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Verification;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner calibrate</c>: from timed kernels, this machine's or published ones, to a hardware profile.</summary>
internal static class CalibrateCommand
{
    private const double DefaultBudgetSeconds = 90;
    private const double LongestBudgetSeconds = 86_400;

    public static Command Create(IAnsiConsole console)
    {
        Option<string?> device = new("--device") { Description = "Measure this machine: cpu, or a GPU: cuda:N." };
        Option<string?> from = new("--from") { Description = "Fit the published kernel tables in this folder (aiconfigurator/...)." };
        Option<string?> target = new("--out") { Description = "Where the hardware profile goes (*.json)." };
        Option<string?> check = new("--check") { Description = "Instead of writing: compare this profile with what was measured, kernels and (with --from) served benchmarks." };
        Option<string?> gpu = new("--gpu") { Description = "With --from: the GPU, such as h200; by default the name of the file to write." };
        Option<double> budget = new("--budget") { Description = "With --device cpu: seconds to spend; below 20 a coarse grid.", DefaultValueFactory = _ => DefaultBudgetSeconds };
        Option<string?> raw = new("--measurements") { Description = "With --device cpu: also write every measured point to this file (*.json). With cuda:N: the journal of points (*.jsonl), from which an interrupted run goes on; by default beside --out." };
        Option<string?> serving = new("--serving") { Description = "With --from: fit what this engine (by name or file) adds to its kernels to the served benchmarks there." };
        Option<bool> verify = new("--verify") { Description = "With --device cuda:N: instead of calibrating, compare every GPU kernel with its reference and print what it reaches of the hardware's peak." };
        Option<string?> choose = new("--choose-launches") { Description = "With --device cuda:N: instead of calibrating, choose launches of GPU kernels, keep them in this file (*.json), and compare with 256 threads, the highest occupancy and exhaustive search." };
        Option<string?> json = new("--json") { Description = "With --verify or --choose-launches: also write the outcome to this file." };
        var command = new Command("calibrate", "Time kernels, or read published times, and write a hardware profile with its errors.") { device, from, target, check, gpu, serving, budget, raw, verify, choose, json };
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(check) is { } profile)
            {
                PublishedFit.Check(console, parsed.GetValue(from) ?? throw new UserErrorException("--check needs --from FOLDER: where the measurements are."), profile);
                return Task.FromResult(ExitCode.Ok);
            }

            if (parsed.GetValue(verify))
            {
                string gpuDevice = parsed.GetValue(device) ?? throw new UserErrorException("--verify needs --device cuda:N: the GPU.");
                Shared.RequireWritableFile(parsed.GetValue(json));
                return Task.FromResult(GpuVerification.Run(console, gpuDevice, VerificationScale.Gpu, parsed.GetValue(json), cancellation));
            }

            if (parsed.GetValue(choose) is { } choices)
            {
                string gpuDevice = parsed.GetValue(device) ?? throw new UserErrorException("--choose-launches needs --device cuda:N: the GPU.");
                Shared.RequireWritableFile(choices);
                Shared.RequireWritableFile(parsed.GetValue(json));
                GpuLaunchChoice.Run(console, gpuDevice, choices, parsed.GetValue(json), cancellation);
                return Task.FromResult(ExitCode.Ok);
            }

            string path = parsed.GetValue(target) ?? throw new UserErrorException("calibrate needs --out FILE: where the hardware profile goes.");
            switch (parsed.GetValue(device), parsed.GetValue(from))
            {
                case ({ } here, null) when here != "cpu":
                    Shared.RequireWritableFile(path);
                    Shared.RequireWritableFile(parsed.GetValue(raw));
                    GpuMeasurement.Run(console, here, GpuGrid.Whole, path, parsed.GetValue(raw) ?? Path.ChangeExtension(path, ".points.jsonl"), cancellation);
                    break;
                case ({ }, null):
                    TimeSpan time = Budget(parsed.GetValue(budget));
                    Shared.RequireWritableFile(path);
                    Shared.RequireWritableFile(parsed.GetValue(raw));
                    CpuMeasurement.Run(console, time, path, parsed.GetValue(raw), cancellation);
                    break;
                case (null, { } folder):
                    Shared.RequireWritableFile(path);
                    if (parsed.GetValue(serving) is { } engine)
                        ServingMeasurement.Run(console, folder, engine, path, cancellation);
                    else
                        PublishedFit.Run(console, folder, parsed.GetValue(gpu) ?? Path.GetFileNameWithoutExtension(path), path);
                    break;
                default:
                    throw new UserErrorException("calibrate needs one source of times: --device cpu to measure this machine, or --from FOLDER for published tables.");
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static TimeSpan Budget(double seconds)
        => seconds is > 0 and <= LongestBudgetSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"--budget is {seconds}; expected seconds above 0 and at most {LongestBudgetSeconds}."));
}
