using System.Globalization;
using BenchmarkDotNet.Running;
using Tuner.Bench;
using Tuner.Kernels.Compilation;

switch (args)
{
    case ["cartpole", .. var rest]:
        return CartPoleRun.Run(Seed(rest, 0, 1), Seed(rest, 1, 5));
    case ["cartpole-seed", var seed]:
        return CartPoleRun.RunSeed(ulong.Parse(seed, CultureInfo.InvariantCulture));
    case ["acrobot", .. var rest]:
        return ToyRun.Acrobot(Seed(rest, 0, 1), Seed(rest, 1, 5));
    case ["masked-heads", .. var rest]:
        return ToyRun.MaskedHeads(Seed(rest, 0, 1), Seed(rest, 1, 5));
    case ["training-speed", .. var rest]:
        return TrainingSpeedRun.Run(rest is [var updates] ? long.Parse(updates, CultureInfo.InvariantCulture) : 100);
    case ["lessons", .. var rest]:
        return LessonsRun.Run(rest is [var scenario, ..] ? scenario : "llama70b-8xh200", Seed(rest, 1, 1));
    case ["fuzz", var file] when File.Exists(file):
        return FuzzRun.Repeat(file);
    case ["fuzz", .. var rest]:
        return FuzzRun.Run(
            rest is [var cases, ..] ? int.Parse(cases, CultureInfo.InvariantCulture) : 10_000,
            rest is [_, var from] ? ulong.Parse(from, CultureInfo.InvariantCulture) : 1);
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
    case ["compile-kernels", .. var rest]:
        return CompileKernelsRun.Run(rest is [var folder] ? folder : CompiledKernels.Folder);
    case ["start-up", var program, .. var rest]:
        return StartUpRun.Run(program, rest is [var times] ? int.Parse(times, CultureInfo.InvariantCulture) : 21);
    case ["loop-overhead", "engine"]:
        return LoopOverheadRun.Serve();
    case ["loop-overhead", .. var rest]:
        return LoopOverheadRun.Run(rest is [var windows] ? int.Parse(windows, CultureInfo.InvariantCulture) : 60);
    case ["package-sizes", .. var rest]:
        return PackageSizesRun.Run(rest is [var packages] ? packages : Path.Combine("artifacts", "package", "release"));
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}

static int Seed(string[] given, int at, int otherwise) => at < given.Length ? int.Parse(given[at], CultureInfo.InvariantCulture) : otherwise;
