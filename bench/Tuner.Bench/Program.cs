using System.Globalization;
using BenchmarkDotNet.Running;
using Tuner.Bench;

if (args is ["cartpole", .. var rest])
    return CartPoleRun.Run(rest is [var steps] ? long.Parse(steps, CultureInfo.InvariantCulture) : 100_000);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
