using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary><c>tuner traffic synthesize</c>: writes a preset's requests as Mooncake JSON Lines.</summary>
internal static class SynthesizeTrafficCommand
{
    public static Command Create(IAnsiConsole console)
    {
        Argument<string> preset = new("preset") { Description = $"One of {string.Join(", ", TrafficPresets.Names)}." };
        Option<string> output = new("--out") { Description = "The trace to write (Mooncake JSONL; gzipped when it ends in .gz).", Required = true };
        Option<double?> seconds = new("--seconds") { Description = "Length, seconds." };
        Option<double?> rate = new("--rate") { Description = "Mean requests a second." };
        Option<ulong> seed = Shared.Seed();
        var command = new Command("synthesize", "Write a synthetic trace.") { preset, output, seconds, rate, seed };
        command.SetAction((parsed, cancellation) =>
        {
            string path = parsed.GetRequiredValue(output);
            string name = parsed.GetRequiredValue(preset);
            Shared.RequireWritableFile(path);
            if (!TrafficPresets.Names.Contains(name))
                throw new UserErrorException($"{name}: no such preset; presets are {string.Join(", ", TrafficPresets.Names)}.");
            SyntheticTraffic traffic = TrafficPresets.Open(name, parsed.GetValue(seed), parsed.GetValue(seconds), parsed.GetValue(rate));
            long count = TrafficFiles.Save(traffic, path, cancellation);
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{path}: {count:N0} requests over {traffic.Seconds:0.##} s ({count / traffic.Seconds:0.00}/s)"));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
