using System.Globalization;
using BenchmarkDotNet.Running;
using Tuner.Bench;

switch (args)
{
    case ["cartpole", .. var rest]:
        return CartPoleRun.Run(
            rest is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 1,
            rest is [_, var last] ? int.Parse(last, CultureInfo.InvariantCulture) : 5);
    case ["cartpole-seed", var seed]:
        return CartPoleRun.RunSeed(ulong.Parse(seed, CultureInfo.InvariantCulture));
    case ["fuzz", var file] when File.Exists(file):
        return FuzzRun.Repeat(file);
    case ["fuzz", .. var rest]:
        return FuzzRun.Run(
            rest is [var cases, ..] ? int.Parse(cases, CultureInfo.InvariantCulture) : 10_000,
            rest is [_, var from] ? ulong.Parse(from, CultureInfo.InvariantCulture) : 1);
    case ["speed", .. var rest]:
        return SpeedRun.Run(rest is [var trace] ? trace : null);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
