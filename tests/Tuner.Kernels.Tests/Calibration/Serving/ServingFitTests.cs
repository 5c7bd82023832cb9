using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Published;
using Tuner.Kernels.Calibration.Serving;

namespace Tuner.Kernels.Tests.Calibration.Serving;

public sealed class ServingFitTests
{
    [Test]
    public void Run_BenchmarksOfAKnownEngine_FindsItsOverheadsAgain()
    {
        HardwareProfile profile = ProfileCatalog.Hardware("h100");
        EngineBehaviour start = EngineFile.Shipped.Single(engine => engine.Name == "sglang");
        EngineBehaviour slow = start with { StepSeconds = 3 * start.StepSeconds, FrontEnd = start.FrontEnd with { ChunkSeconds = 2 * start.FrontEnd.ChunkSeconds } };
        EndToEndSample[] questions = [.. new[] { 1, 8, 64 }.SelectMany(inFlight => new[] { 300, 600, 1200, 2400, 4800, 600, 700, 800 }.Select(prompt =>
            new EndToEndSample("h100", "sglang 0", "llama-3.1-8b", KernelPrecision.Fp8, 1, 1, 1, inFlight, prompt, 24, 1, 1)))];
        HardwareProfile truth = profile with { Engines = [slow.On(profile.Engine("vllm"))], Borrowers = [] };
        EndToEndSample[] measured = [.. EndToEndPredictor.Run(truth, questions).Select(prediction => prediction.Sample with
        {
            TtftSeconds = prediction.Predicted.TtftSeconds,
            TpotSeconds = prediction.Predicted.TpotSeconds,
        })];

        (EngineBehaviour found, IReadOnlyList<EndToEndError> halves) = ServingFit.Run(start, [profile], measured, _ => { }, default);

        EndToEndError kept = halves.Single(half => half.Configuration == "configurations kept");
        Assert.Multiple(() =>
        {
            Assert.That(found.StepSeconds, Is.EqualTo(slow.StepSeconds).Within(25).Percent);
            Assert.That(kept.TpotError, Is.LessThan(0.03));
            Assert.That(kept.TtftError, Is.LessThan(0.06));
        });
    }

    [Test]
    public void Run_TooFewBenchmarks_SaysHowMany() => Assert.That(
        () => ServingFit.Run(EngineFile.Shipped.Single(engine => engine.Name == "vllm"), [ProfileCatalog.Hardware("h100")], [], _ => { }, default),
        Throws.TypeOf<CalibrationException>().With.Message.EqualTo("vllm: 0 benchmarks to fit to; at least 10 were expected."));
}
