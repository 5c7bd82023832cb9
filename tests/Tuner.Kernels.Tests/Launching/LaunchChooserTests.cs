using Tuner.Env.Simulation;
using Tuner.Kernels.Launching;
using Tuner.Kernels.Launching.Recorded;

namespace Tuner.Kernels.Tests.Launching;

internal sealed class LaunchChooserTests
{
    /// <summary>Kernels and GPUs the chooser was never set on.</summary>
    [TestCase("dedispersion-a100", 2)]
    [TestCase("gemm-rtx3090", 1)]
    public void Choose_HeldOutKernel_ReachesNearlyTheBestFromATenthOfTheMeasurements(string recording, int seeds)
    {
        LaunchComparison comparison = LaunchComparison.Of(RecordedFile.Load(recording), null, seeds, blind: false);

        Assert.That(comparison.Chooser.Min(), Is.GreaterThan(0.97));
        Assert.That(comparison.TriedShare, Is.LessThan(0.1));
        Assert.That(comparison.TimingShare, Is.LessThan(0.1));
        Assert.That(comparison.Chooser.Average(), Is.GreaterThan(comparison.Random), "the search is worth more than luck");
    }

    [Test]
    public void Comparison_PointInPolygon_TheFastestLaunchIsNotTheFullest()
    {
        RecordedLaunches launches = RecordedFile.Load("pnpoly-rtx3090");
        double[] times = [.. Enumerable.Range(0, launches.Space.Count).Select(i => launches.Seconds(i) is { Count: > 0 } all ? all.Order().ElementAt(all.Count / 2) : double.PositiveInfinity)];
        double[] occupancy = [.. Enumerable.Range(0, times.Length).Select(i => Occupancy.Of(launches.Gpu.Limits, RecordedWork.Of(launches, i).Resources, launches.Space.Value(i, "block_size_x")).Share)];
        int best = Array.IndexOf(times, times.Min());

        Assert.That(launches.HasRegisters, Is.True);
        Assert.That(occupancy[best], Is.LessThan(0.7));
        Assert.That(occupancy.Max(), Is.EqualTo(1));
    }

    [Test]
    public void Choose_SameSeed_ChoosesTheSame()
    {
        RecordedLaunches launches = RecordedFile.Load("pnpoly-rtx3090");
        var options = new LaunchChooserOptions { TriedShare = 0.02 };

        LaunchChoice? Run(ulong seed) => LaunchChooser.Choose(launches.Space, new RecordedTimer(launches, seed), RecordedWork.Prior(launches), options, seed);

        Assert.That(Run(7), Is.EqualTo(Run(7)));
        Assert.That(Run(8)!.Tried, Is.EqualTo(Run(7)!.Tried));
    }

    [Test]
    public void Choose_NoisyTwins_IsNotFooledByOneLuckyTiming()
    {
        LaunchSpace space = Line(64);
        RandomStream random = RandomStream.For(3, "noise");
        int right = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            // Configuration 20 is 5 % faster than the rest; every timing is off by 3 %, and one in twenty is lucky by a fifth.
            var timer = new FunctionTimer(i => (i == 20 ? 0.95 : 1.0) * (1 + (0.03 * random.NextGaussian())) * (random.NextDouble() < 0.05 ? 0.8 : 1));
            LaunchChoice choice = LaunchChooser.Choose(space, timer, null, new LaunchChooserOptions { TriedShare = 1, TimingsOfAFinalist = 60, Finalists = 64 }, seed)!;
            right += choice.Configuration == 20 ? 1 : 0;
        }

        Assert.That(right, Is.GreaterThanOrEqualTo(18));
    }

    [Test]
    public void Choose_ClearWinner_StopsTimingEarly()
    {
        int timings = 0;
        var timer = new FunctionTimer(i =>
        {
            timings++;
            return 1 + (0.1 * i);
        });

        LaunchChoice choice = LaunchChooser.Choose(Line(32), timer, i => 1 + (0.1 * i))!;

        Assert.That((choice.Configuration, choice.Settled, choice.Timings), Is.EqualTo((0, true, timings)));
        Assert.That(timings, Is.LessThan(60));
    }

    [Test]
    public void Choose_MostLaunchesFail_FindsOneThatRuns()
    {
        var timer = new FunctionTimer(i => i is 41 or 77 ? 1.0 / i : double.NaN);

        LaunchChoice choice = LaunchChooser.Choose(Line(100), timer, null, new LaunchChooserOptions { TriedShare = 1 })!;

        Assert.That((choice.Configuration, choice.Failed), Is.EqualTo((77, 98)));
    }

    [Test]
    public void Choose_NothingRuns_SaysSo()
        => Assert.That(LaunchChooser.Choose(Line(40), new FunctionTimer(_ => double.NaN)), Is.Null);

    [Test]
    public void Choose_APriorThatIsExactlyWrong_StillFindsTheBest()
    {
        LaunchSpace space = LaunchSpace.Of([new("a", [.. Enumerable.Range(0, 32)]), new("b", [.. Enumerable.Range(0, 32)])], _ => true);
        double Truth(int i) => 1 + Math.Abs(space.Value(i, 0) - 5) + (0.5 * Math.Abs(space.Value(i, 1) - 25));

        LaunchChoice choice = LaunchChooser.Choose(space, new FunctionTimer(Truth), i => 1 / Truth(i))!;

        Assert.That(Truth(choice.Configuration), Is.LessThan(1.6));
        Assert.That(choice.Tried, Is.LessThanOrEqualTo(82));
    }

    [Test]
    public void Choose_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var timer = new FunctionTimer(i =>
        {
            source.Cancel();
            return 1;
        });

        Assert.That(() => LaunchChooser.Choose(Line(40), timer, cancellation: source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Prior_OfRecordedLaunches_BeatsAnArbitraryOne()
    {
        foreach (string recording in (string[])["pnpoly-rtx3090", "convolution-a100"])
        {
            RecordedLaunches launches = RecordedFile.Load(recording);
            LaunchComparison comparison = LaunchComparison.Of(launches, new LaunchChooserOptions { TriedShare = 0.001, LeastTried = 1, Finalists = 1 }, seeds: 1, blind: false);
            double[] times = [.. Enumerable.Range(0, launches.Space.Count).Where(i => launches.Seconds(i).Count > 0).Select(i => launches.Seconds(i)[0]).Order()];

            Assert.That(comparison.Prior, Is.GreaterThan(times[0] / times[times.Length / 2]), recording);
        }
    }

    private static LaunchSpace Line(int count) => LaunchSpace.Of([new("at", [.. Enumerable.Range(0, count)])], _ => true);

    private sealed class FunctionTimer(Func<int, double> seconds) : ILaunchTimer
    {
        public LaunchTiming Time(int configuration) => seconds(configuration) is var value && double.IsNaN(value) ? LaunchTiming.Failed("too many registers") : LaunchTiming.Of(value);
    }
}
