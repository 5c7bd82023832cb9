using Tuner.Env.Costs;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Tests.Calibration;

public sealed class GemmSurfaceTests
{
    private static readonly int[] Rows = [1, 8, 16, 32, 64, 65, 128, 129, 256, 257, 1024, 1025, 4096, 4097];
    private static readonly int[] Sizes = [128, 1024, 2048, 4096, 8192, 16384];

    [Test]
    public void Fit_RaggedRowsTwiceAsSlow_KeepsThemApart()
    {
        (GemmTerm term, FitError error) = GemmSurface.Fit(Table(), KernelPrecision.Fp8, 1, "made up", "test");
        var curve = new GemmCurve(term, 4096, 8192);

        Assert.Multiple(() =>
        {
            Assert.That(curve.At(1024), Is.EqualTo(Seconds(1024, 8192, 4096)).Within(1).Percent);
            Assert.That(curve.At(1025), Is.EqualTo(Seconds(1025, 8192, 4096)).Within(1).Percent);
            Assert.That(curve.At(2048), Is.EqualTo(Seconds(2048, 8192, 4096)).Within(3).Percent, "between measured rows");
            Assert.That(new GemmCurve(term, 5793, 11585).At(1024), Is.EqualTo(Seconds(1024, 11585, 5793)).Within(3).Percent, "between measured widths");
            Assert.That(error.MedianError, Is.LessThan(0.02));
        });
    }

    [Test]
    public void Fit_OneNodeMeasuredTooSlow_IsTakenForAHiccup()
    {
        GemmSample[] table = Table();
        int spoilt = Array.FindIndex(table, sample => sample is { Rows: 64, Outputs: 4096, Inputs: 4096 });
        table[spoilt] = table[spoilt] with { Seconds = 2 * table[spoilt].Seconds };

        (GemmTerm term, _) = GemmSurface.Fit(table, KernelPrecision.Fp8, 1, "made up", "test");

        Assert.That(new GemmCurve(term, 4096, 4096).At(64), Is.EqualTo(Seconds(64, 4096, 4096)).Within(8).Percent);
    }

    [Test]
    public void At_BeyondTheTable_FollowsTheRoofline()
    {
        (GemmTerm term, _) = GemmSurface.Fit(Table(), KernelPrecision.Fp8, 1, "made up", "test");

        Assert.That(new GemmCurve(term, 32768, 32768).At(4096), Is.EqualTo(Seconds(4096, 32768, 32768)).Within(5).Percent);
    }

    // A roofline of which wide matrices reach more than narrow ones, and ragged rows half.
    private static double Seconds(int rows, int outputs, int inputs)
    {
        double exact = new GemmFit(1e15, 4e12, 5e-6, 1).Seconds(rows, outputs, inputs);
        double reached = 0.7 + (0.02 * Math.Log2((double)outputs * inputs / (128 * 128)));
        return exact / reached * (GemmTerm.IsAligned(rows) ? 1 : 2);
    }

    private static GemmSample[] Table() =>
    [
        .. from rows in Rows
           from outputs in Sizes
           from inputs in Sizes
           select new GemmSample(KernelPrecision.Fp8, rows, outputs, inputs, Seconds(rows, outputs, inputs)),
    ];
}
