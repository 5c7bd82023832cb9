using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Evaluation;

public sealed class SteadyStateTests
{
    private static readonly HardwareProfile Hardware = ProfileCatalog.Hardware("h200");
    private static readonly ModelSpec Model = ProfileCatalog.Model("llama-3.1-70b");
    private static readonly MeasuredCostModel Costs = new(Hardware);

    [TestCase(1000, 3)]
    [TestCase(8192, 100)]
    [TestCase(128, 1)]
    public void Evaluate_OneRequestInFlight_IsTheClosedLoop(int prompt, int output)
    {
        IEngineCost engine = Engine(2, 1, 0);

        ClosedLoopResult steady = SteadyState.Evaluate(engine, 1, prompt, output, new ClosedLoopOptions(TurnaroundSeconds: 0));
        ClosedLoopResult played = ClosedLoop.Run(engine, 1, prompt, output, new ClosedLoopOptions(TurnaroundSeconds: 0));

        Assert.Multiple(() =>
        {
            Assert.That(steady.TtftSeconds, Is.EqualTo(played.TtftSeconds).Within(0.1).Percent);
            Assert.That(steady.TpotSeconds, Is.EqualTo(played.TpotSeconds).Within(0.5).Percent);
            Assert.That(steady.OutputTokensPerSecond, Is.EqualTo(played.OutputTokensPerSecond).Within(0.5).Percent);
        });
    }

    [TestCase(1, 0)]
    [TestCase(2, 0)]
    [TestCase(1, 3)]
    public void Evaluate_OverAGrid_StaysCloseToTheClosedLoop(int pipeline, int drafted)
    {
        var ttft = new List<double>();
        var tpot = new List<double>();
        foreach (int tensor in (int[])[1, 4])
        {
            IEngineCost engine = Engine(tensor, pipeline, drafted);
            foreach (int inFlight in (int[])[2, 8, 32, 128])
            {
                foreach ((int prompt, int output) in ((int, int)[])[(256, 512), (1024, 128), (2048, 256), (8192, 64)])
                {
                    var options = new ClosedLoopOptions(Rounds: 8, AcceptanceLength: 2.4);
                    ClosedLoopResult played = ClosedLoop.Run(engine, inFlight, prompt, output, options);
                    ClosedLoopResult steady = SteadyState.Evaluate(engine, inFlight, prompt, output, options);
                    ttft.Add(Math.Abs((steady.TtftSeconds / played.TtftSeconds) - 1));
                    tpot.Add(Math.Abs((steady.TpotSeconds / played.TpotSeconds) - 1));
                }
            }
        }

        TestContext.Out.WriteLine(FormattableString.Invariant($"TPOT {Quantile(tpot, 0.5):P1} / {Quantile(tpot, 0.9):P1}, TTFT {Quantile(ttft, 0.5):P1} / {Quantile(ttft, 0.9):P1}"));
        Assert.Multiple(() =>
        {
            Assert.That(Quantile(tpot, 0.5), Is.LessThan(0.03));
            Assert.That(Quantile(tpot, 0.9), Is.LessThan(0.15));
            Assert.That(Quantile(ttft, 0.5), Is.LessThan(0.15));
            Assert.That(Quantile(ttft, 0.9), Is.LessThan(0.4));
        });
    }

    [TestCase("vllm")]
    [TestCase("trtllm")]
    [TestCase("sglang")]
    public void Evaluate_UnderAnEnginesSchedule_StaysCloseToTheClosedLoop(string name)
    {
        EngineKernels kernels = Hardware.Engine(name);
        IEngineCost engine = new MeasuredCostModel(Hardware, name).For(new EngineSpec(Model, 4, 1, PrecisionMode.Fp8, true, null, 0));
        var tpot = new List<double>();
        foreach (int inFlight in (int[])[2, 8, 32, 96])
        {
            foreach ((int prompt, int output) in ((int, int)[])[(256, 512), (1024, 128), (2048, 256)])
            {
                ClosedLoopOptions options = ClosedLoopOptions.For(kernels, inFlight, prompt);
                double played = ClosedLoop.Run(engine, inFlight, prompt, output, options).TpotSeconds;
                tpot.Add(Math.Abs((SteadyState.Evaluate(engine, inFlight, prompt, output, options).TpotSeconds / played) - 1));
            }
        }

        Assert.That(Quantile(tpot, 0.5), Is.LessThan(0.04));
        Assert.That(Quantile(tpot, 0.9), Is.LessThan(0.15));
    }

    [Test]
    public void Evaluate_MoreInFlightThanTheEngineHolds_QueuesByLittlesLaw()
    {
        IEngineCost engine = Engine(4, 1, 0);
        var options = new ClosedLoopOptions(MaxSequences: 32);

        ClosedLoopResult held = SteadyState.Evaluate(engine, 32, 1024, 256, options);
        ClosedLoopResult queued = SteadyState.Evaluate(engine, 96, 1024, 256, options);

        Assert.That(queued.TtftSeconds, Is.EqualTo(held.TtftSeconds + (64 * 256 / held.OutputTokensPerSecond)).Within(1e-9));
        Assert.That(queued.OutputTokensPerSecond, Is.EqualTo(held.OutputTokensPerSecond).Within(1e-9));
    }

    private static double Quantile(List<double> values, double at) => values.Order().ElementAt((int)(at * (values.Count - 1)));

    private static IEngineCost Engine(int tensor, int pipeline, int drafted) =>
        Costs.For(new EngineSpec(Model, tensor, pipeline, PrecisionMode.Fp8, true, drafted > 0 ? ProfileCatalog.Model("llama-3.2-1b") : null, drafted));
}
