using System.Globalization;
using BenchmarkDotNet.Running;
using Tuner.Bench;
using Tuner.Kernels.Compilation;

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
    case ["speed", .. var rest]:
        return SpeedRun.Run(rest is [var trace] ? trace : null);
    case ["compile-kernels", .. var rest]:
        return CompileKernelsRun.Run(rest is [var folder] ? folder : CompiledKernels.Folder);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
