using System.Diagnostics;
using System.Globalization;
using Tuner.Env.Simulation;
using Tuner.Kernels.Launching;
using Tuner.Kernels.Launching.Cpu;
using Tuner.Kernels.Launching.Recorded;
using Tuner.Kernels.Reference;

namespace Tuner.Bench;

/// <summary>The launch chooser on recorded exhaustive timings, beside the usual ways to pick a launch.</summary>
internal static class LaunchRun
{
    private const int Seeds = 10;
    private const int ExhaustiveTimings = 3;
    private const int FinalTimings = 31;

    /// <summary>Prints one row a recording.</summary>
    /// <param name="files">Recorded launches; those that ship with the tests when none is named.</param>
    public static int Run(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
            files = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "launches"), "*.csv.gz").Order(StringComparer.Ordinal)];
        Console.WriteLine($"Shares of the fastest configuration's speed; chooser over {Seeds} seeds. 'typical / best' is over all configurations of the kind.");
        Console.WriteLine($"{"kernel, GPU",-46}{"space",7} |{"chooser: median",16}{"worst",7}{"tried",7}{"timings",9} |{"no prior",9}{"random",8}{"prior",7} | {"256 threads",15} | {"full occupancy",15} | occupancy of the fastest");
        foreach (string file in files)
        {
            RecordedLaunches launches;
            try
            {
                launches = RecordedLaunches.Load(file);
            }
            catch (InvalidDataException wrong)
            {
                Console.Error.WriteLine(wrong.Message);
                return 2;
            }

            long start = Stopwatch.GetTimestamp();
            LaunchComparison shown = LaunchComparison.Of(launches, null, Seeds, blind: true);
            double[] shares = [.. shown.Chooser.Order()];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{launches.Kernel + ", " + launches.Gpu.Name,-46}{launches.Space.Count,7} |{shares[shares.Length / 2],16:P1}{shares[0],7:P0}{shown.TriedShare,7:P1}{shown.TimingShare,9:P1} |{shown.Blind,9:P1}{shown.Random,8:P1}{shown.Prior,7:P0} | {Show(shown.Fixed),15} | {Show(shown.Fullest),15} | {shown.BestOccupancy:P0} of {shown.HighestOccupancy:P0}{(launches.HasRegisters ? "" : " (registers unknown)")}   {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
        }

        return 0;
    }

    /// <summary>The chooser live on this machine's processor, beside exhaustive search and the fixed blocking of the calibration's product.</summary>
    public static int Cpu()
    {
        const int inputs = 1024;
        const int outputs = 1024;
        RandomStream random = RandomStream.For(1, "cpu launches");
        using PackedWeights weights = PackedWeights.From(Draw(random, inputs * outputs), inputs, outputs, WeightFormat.Float32);
        Console.WriteLine($"Blocking of a {inputs} × {outputs} product on {Environment.ProcessorCount} threads; exhaustive search times each blocking {ExhaustiveTimings} times, then its ten best {FinalTimings} times.");
        Console.WriteLine($"{"rows",6}{"space",7}{"tried",8}{"timings",9}{"share of exhaustive best",26}{"fixed blocking",16}   choice");
        foreach (int rows in (int[])[1, 8, 64, 512])
        {
            using var timer = new ProductTimer(rows, weights, Draw(random, rows * inputs), Environment.ProcessorCount);
            LaunchChoice choice = LaunchChooser.Choose(timer.Space, timer, timer.Prior)!;
            int[] ranked = [.. Enumerable.Range(0, timer.Space.Count).OrderBy(i => Median(timer, i, ExhaustiveTimings))];
            int best = ranked.Take(10).MinBy(i => Median(timer, i, FinalTimings));

            // The three are timed in turns, so that whatever else the machine does falls on all alike.
            using var team = new CpuTeam(Environment.ProcessorCount);
            float[] x = Draw(random, rows * inputs);
            float[] y = new float[rows * outputs];
            double[][] times = [new double[FinalTimings], new double[FinalTimings], new double[FinalTimings]];
            for (int i = 0; i < FinalTimings; i++)
            {
                times[0][i] = timer.Time(best).Seconds;
                times[1][i] = timer.Time(choice.Configuration).Seconds;
                long start = Stopwatch.GetTimestamp();
                Gemm.Multiply(team, x, rows, weights, y);
                times[2][i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            double[] medians = [.. times.Select(all => all.Order().ElementAt(all.Length / 2))];
            double exhaustive = ExhaustiveTimings * timer.Space.Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{rows,6}{timer.Space.Count,7}{(double)choice.Tried / timer.Space.Count,8:P1}{choice.Timings / exhaustive,9:P1}{medians[0] / medians[1],26:P1}{medians[0] / medians[2],16:P1}   {timer.Space.Describe(choice.Configuration)}; best {timer.Space.Describe(best)}, {1e3 * medians[0]:0.000} ms"));
        }

        return 0;
    }

    private static double Median(ProductTimer timer, int configuration, int timings)
        => Enumerable.Range(0, timings).Select(_ => timer.Time(configuration).Seconds).Order().ElementAt(timings / 2);

    private static float[] Draw(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];

    private static string Show(GroupShare? group) => group is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{group.Typical:P0} / {group.Best:P0}");
}
