using System.Globalization;
using BenchmarkDotNet.Running;
using Tuner.Bench;

switch (args)
{
    case ["cartpole", .. var rest]:
        return CartPoleRun.Run(rest is [var steps] ? long.Parse(steps, CultureInfo.InvariantCulture) : 100_000);
    case ["fuzz", var file] when File.Exists(file):
        return FuzzRun.Repeat(file);
    case ["fuzz", .. var rest]:
        return FuzzRun.Run(
            rest is [var cases, ..] ? int.Parse(cases, CultureInfo.InvariantCulture) : 10_000,
            rest is [_, var seed] ? ulong.Parse(seed, CultureInfo.InvariantCulture) : 1);
    case ["headroom", var sc, var tr, var seconds]:
        return HeadroomRun.Run(sc, tr, 1, double.Parse(seconds, CultureInfo.InvariantCulture));
    case ["speed", .. var rest]:
        return SpeedRun.Run(rest is [var trace] ? trace : null);
    case ["launches", "cpu"]:
        return LaunchRun.Cpu();
    case ["launches", .. var files]:
        return LaunchRun.Run(files);
    case ["import-launches", var cache, var output, .. var origin]:
        return KernelTunerImport.Run(cache, output, [.. origin.Where(pair => !pair.StartsWith("registers=", StringComparison.Ordinal))], origin.FirstOrDefault(pair => pair.StartsWith("registers=", StringComparison.Ordinal))?["registers=".Length..]);
    case ["swap-stress", .. var rest]:
        return SwapRun.Run(TimeSpan.FromSeconds(rest is [var seconds] ? double.Parse(seconds, CultureInfo.InvariantCulture) : 10));
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
