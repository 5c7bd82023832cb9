using FsCheck;
using FsCheck.Fluent;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Fuzzing;

/// <summary>Draws scenarios that are valid by construction: every layout's pools hold the model and take every prompt length.</summary>
internal static class ScenarioGenerator
{
    private const int MostSequenceTokens = 131_072;
    private const int LargestBudget = 16_384;
    private const int LeastKvTokens = 8192;

    private static readonly string[] Hardware = ["h100", "h200", "b200"];
    private static readonly string[] Models = ["llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b", "qwen3-32b", "qwen3-30b-a3b", "gpt-oss-20b", "mixtral-8x7b", "deepseek-r1"];
    private static readonly string[] DraftModels = ["llama-3.2-1b", "llama-3.2-3b", "qwen3-0.6b"];

    // What a GPU can hold does not change from draw to draw.
    private static readonly Dictionary<(string, string, bool), (int Tensor, int Pipeline)[]> Shapes = [];

    /// <summary>Any valid scenario.</summary>
    public static Gen<FuzzScenario> Any { get; } =
        from hardware in Gen.Elements(Hardware)
        from bothResident in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        from model in Gen.Elements(Models.Where(name => ShapesOf(hardware, name, bothResident).Length > 0))
        let shapes = ShapesOf(hardware, model, bothResident)
        from first in Layout(shapes)
        from others in Gen.ArrayOf(Gen.Frequency((1, Gen.Constant<FuzzPool[]?>(null)), (2, Layout(shapes).Select(pools => (FuzzPool[]?)pools))), 3)
        from batches in Batches
        from waits in Waits
        from drafts in Gen.Choose(0, 3).SelectMany(count => Gen.ArrayOf(Draft, count))
        from kvTokens in Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(LeastKvTokens, 3 * LeastKvTokens)), (1, Gen.Choose(3 * LeastKvTokens, 30 * LeastKvTokens)))
        from hostBytes in Gen.Frequency((1, Gen.Constant(0.0)), (3, Between(1e8, 1e10)), (1, Gen.Constant(1e12)))
        from link in Gen.Elements(1e8, 1e9, 5e10)
        from longest in Gen.Frequency((1, Gen.Choose(256, 8192)), (4, Gen.Constant(MostSequenceTokens)))
        from layoutSeconds in Gen.Elements(0, 0.015, 2, 120)
        from changeSeconds in Gen.Elements(0, 0.05, 10)
        from loss in Gen.Elements(0, 0.5, 2)
        from serving in Serving
        select new FuzzScenario
        {
            Hardware = hardware,
            Model = model,
            Layouts = [first, .. others],
            Batches = batches,
            Waits = waits,
            Drafts = drafts,
            KvTokens = kvTokens,
            HostBytes = hostBytes,
            LinkBytesPerSecond = link,
            MaxSequenceTokens = longest,
            LayoutSeconds = layoutSeconds,
            ChangeSeconds = changeSeconds,
            BothResident = bothResident,
            Loss = loss,
            Serving = serving,
        };

    /// <summary>A number between two others, the small ones as likely as the large.</summary>
    public static Gen<double> Between(double low, double high)
        => Gen.Choose(0, 1_000_000).Select(share => low * Math.Pow(high / low, share / 1e6));

    /// <summary>One pool for every prompt, two split by length, or two that overlap.</summary>
    private static Gen<FuzzPool[]> Layout((int Tensor, int Pipeline)[] shapes)
    {
        Gen<FuzzPool> pool =
            from shape in Gen.Elements(shapes)
            from replicas in Gen.Frequency((3, Gen.Constant(1)), (2, Gen.Choose(2, 4)))
            select new FuzzPool(replicas, shape.Tensor, shape.Pipeline, 0, int.MaxValue);
        Gen<FuzzPool[]> split =
            from shorter in pool
            from longer in pool
            from border in Gen.Choose(1, 6000)
            from overlap in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 2000)))
            select new[] { shorter with { MaxPrompt = border + overlap }, longer with { MinPrompt = border + 1 } };
        return Gen.Frequency((2, pool.Select(one => new[] { one })), (1, split));
    }

    private static Gen<FuzzServing> Serving =>
        from schedule in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, 4)))
        from rolling in Gen.Elements(false, true)
        from inFlight in Gen.Elements(Enum.GetValues<InFlightRule>())
        from loads in Gen.Elements(false, true)
        from swaps in Gen.Elements(false, true)
        from router in Gen.Elements(Enum.GetValues<RouterKind>())
        from patience in Gen.Frequency((3, Gen.Constant(0.0)), (1, Between(0.05, 60)))
        from timeout in Gen.Frequency((3, Gen.Constant(0.0)), (1, Between(0.5, 600)))
        from cancelled in Gen.Frequency((3, Gen.Constant(0.0)), (1, Gen.Elements(0.1, 0.5, 1)))
        from inFlightMost in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 20)))
        from waitingMost in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 10)))
        select new FuzzServing(schedule, rolling, inFlight, loads, swaps, router, patience, timeout, cancelled, inFlightMost, waitingMost);

    private static Gen<int[][]> Batches =>
        from count in Gen.Choose(1, 5)
        from sequences in Gen.ArrayOf(Gen.Elements(1, 2, 3, 4, 8, 16, 48, 128, 256), count)
        from budgets in Gen.ArrayOf(Gen.Elements(1, 16, 100, 512, 2048, LargestBudget), count)
        select sequences.Distinct().Order().Select((most, i) => new[] { most, Math.Max(most, budgets[i]) }).ToArray();

    private static Gen<double[]> Waits =>
        from count in Gen.Choose(0, 3)
        from waits in Gen.ArrayOf(Between(0.001, 5), count)
        select waits.Distinct().Order().Prepend(0).ToArray();

    private static Gen<FuzzDraft> Draft =>
        from model in Gen.Elements(DraftModels)
        from tokens in Gen.Elements(1, 3, 5)
        from acceptance in Gen.ArrayOf(Gen.Choose(1, 99).Select(percent => percent / 100.0), tokens)
        select new FuzzDraft(model, acceptance);

    private static (int Tensor, int Pipeline)[] ShapesOf(string hardware, string model, bool bothResident)
    {
        lock (Shapes)
        {
            if (Shapes.TryGetValue((hardware, model, bothResident), out (int, int)[]? known))
                return known;
            var shapes = new List<(int, int)>();
            foreach (int tensor in new[] { 1, 2, 4, 8 })
            {
                foreach (int pipeline in new[] { 1, 2, 3, 4 })
                {
                    var engine = new EngineSpec(FuzzScenario.ModelOf(model), tensor, pipeline, PrecisionMode.Fp8, false, null, 0);
                    if (MemoryPlanner.Plan(FuzzScenario.Profile(hardware), engine, LargestBudget, bothResident).KvTokens is >= LeastKvTokens and < int.MaxValue)
                        shapes.Add((tensor, pipeline));
                }
            }

            return Shapes[(hardware, model, bothResident)] = [.. shapes];
        }
    }
}
