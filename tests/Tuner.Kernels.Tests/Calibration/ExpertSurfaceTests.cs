using Tuner.Env.Costs;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Tests.Calibration;

public sealed class ExpertSurfaceTests
{
    private static readonly ExpertFit Truth = new(6e14, 5e12, 3e-5, 2, 1);
    private static readonly (int Hidden, int Width, int Active, int Experts)[] Models = [(2048, 768, 8, 128), (4096, 14336, 2, 8), (3072, 1536, 8, 256), (7168, 2048, 8, 256)];

    [Test]
    public void Fit_TimesOfARoofline_FindsItAndPredictsModelsLeftOut()
    {
        (ExpertTerm term, IReadOnlyList<FitError> errors) = ExpertSurface.Fit(Table(), KernelPrecision.Fp8, 1, "made up", "test")!.Value;

        Assert.Multiple(() =>
        {
            Assert.That(term.Roofline.FlopsPerSecond, Is.EqualTo(Truth.FlopsPerSecond).Within(2).Percent);
            Assert.That(term.Roofline.BytesPerSecond, Is.EqualTo(Truth.BytesPerSecond).Within(2).Percent);
            Assert.That(errors.Select(error => error.Term), Is.EqualTo(new[] { "test", "test, other models" }));
            Assert.That(errors.Max(error => error.P90Error), Is.LessThan(0.02));
        });
    }

    [Test]
    public void Fit_OneModelTwiceAsSlow_KeepsItsTimesAndSaysWhatLeavingItOutCosts()
    {
        (ExpertTerm term, IReadOnlyList<FitError> errors) = ExpertSurface.Fit(Table(slow: 1), KernelPrecision.Fp8, 1, "made up", "test")!.Value;
        var layout = new ExpertLayout(4096, 14336, 2, 8, 1);

        double predicted = term.Roofline.Seconds(layout, RoutedLoad.Of(64, layout, 1.01)) * Math.Exp(term.Residual(term.Nearest(layout), 64, 1.01));

        Assert.Multiple(() =>
        {
            Assert.That(predicted, Is.EqualTo(2 * Truth.Seconds(layout, RoutedLoad.Of(64, layout, 1.01))).Within(1).Percent);
            Assert.That(errors[0].P90Error, Is.LessThan(0.1), "a call is predicted from its own model");
            Assert.That(errors[1].P90Error, Is.GreaterThan(0.2), "a model is not");
            Assert.That(term.UnseenSpread, Is.GreaterThan(term.Spread));
        });
    }

    [Test]
    public void Fit_AFormatNobodyMeasured_IsNull() =>
        Assert.That(ExpertSurface.Fit(Table(), KernelPrecision.NvFp4, 0.5625, "made up", "test"), Is.Null);

    private static ExpertSample[] Table(int slow = -1) =>
    [
        .. from model in Enumerable.Range(0, Models.Length)
           from shard in new (int Tensor, int Ranks)[] { (1, 1), (2, 1), (4, 1), (1, 2), (1, 4) }
           from skew in new[] { 0, 1.01 }
           from rows in new[] { 1, 4, 16, 64, 256, 1024, 4096 }
           let layout = new ExpertLayout(Models[model].Hidden, Models[model].Width / shard.Tensor, Models[model].Active, Models[model].Experts, shard.Ranks)
           select new ExpertSample(KernelPrecision.Fp8, rows, Models[model].Width, layout, skew, (model == slow ? 2 : 1) * Truth.Seconds(layout, RoutedLoad.Of(rows, layout, skew))),
    ];
}
