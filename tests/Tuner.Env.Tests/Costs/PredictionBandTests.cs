using Tuner.Env.Costs;

namespace Tuner.Env.Tests.Costs;

public sealed class PredictionBandTests
{
    [Test]
    public void Kernels_TwoEqualTerms_AreIndependentAndHostIsLeftOut()
    {
        CostTerm[] terms = [new("down", 1, Provenance.Published, 0.1, 0), new("decode attention", 1, Provenance.Published, 0.1, 0), new(CostTerm.Host, 2, Provenance.Analytic, 0.7, 0)];

        Assert.That(PredictionBand.Kernels(terms), Is.EqualTo(0.1 * Math.Sqrt(2) / 4).Within(1e-12));
    }

    [Test]
    public void TokenTime_NoKernels_IsTheEnginesOwnSpread() =>
        Assert.That(PredictionBand.TokenTime([], "TrtLlm"), Is.EqualTo(EngineSpread.For("trtllm").TokenTime));

    [Test]
    public void For_UnknownEngine_IsAsWideAsTheWidest()
    {
        EngineSpread unknown = EngineSpread.For("homemade");

        foreach (string engine in (string[])["trtllm", "sglang", "vllm"])
        {
            Assert.That(unknown.TokenTime, Is.GreaterThanOrEqualTo(EngineSpread.For(engine).TokenTime));
            Assert.That(unknown.FirstToken, Is.GreaterThanOrEqualTo(EngineSpread.For(engine).FirstToken));
        }
    }

    [Test]
    public void LeftOut_TimesLinearInBytes_AreFoundAgain()
    {
        var linear = new CollectiveTerm(CollectiveOperation.AllReduce, true, 2, Provenance.Published, [1, 2, 4, 8], [3, 4, 6, 10]);
        CollectiveTerm bent = linear with { Seconds = [3, 8, 6, 10] };

        Assert.Multiple(() =>
        {
            Assert.That(linear.LeftOut(), Is.All.EqualTo(0).Within(1e-12));
            Assert.That(bent.LeftOut().First(), Is.EqualTo(Math.Log(4.0 / 8)).Within(1e-12));
        });
    }
}
