using Tuner.Env.Costs;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Tests.Calibration;

public sealed class RooflineFitTests
{
    private static readonly int[] Rows = [1, 8, 64, 256, 1024, 4096];
    private static readonly int[] Sizes = [1024, 4096, 8192, 16384];

    [TestCase(0.0)]
    [TestCase(0.1)]
    public void Gemm_TimesOfAKnownRoofline_FindsItsParameters(double outliers)
    {
        const double Flops = 800e12, Bandwidth = 4e12, Floor = 4e-6;
        var random = new Random(3);
        GemmSample[] samples =
        [
            .. from rows in Rows
               from outputs in Sizes
               from inputs in Sizes
               let compute = 2.0 * rows * outputs * inputs / Flops
               let memory = 2.0 * ((double)outputs * inputs + ((double)rows * (outputs + inputs))) / Bandwidth
               let exact = Floor + Math.Sqrt((compute * compute) + (memory * memory))
               select new GemmSample(KernelPrecision.Bf16, rows, outputs, inputs, random.NextDouble() < outliers ? 2 * exact : exact),
        ];

        (GemmFit fit, FitError error) = RooflineFit.Gemm(samples, KernelPrecision.Bf16, 2, "made up");

        // One time in ten doubled, as a clock dip does, moves the fit by a few per cent only.
        double tolerance = outliers == 0 ? 0.5 : 6;
        Assert.Multiple(() =>
        {
            Assert.That(fit.FlopsPerSecond, Is.EqualTo(Flops).Within(tolerance).Percent);
            Assert.That(fit.BytesPerSecond, Is.EqualTo(Bandwidth).Within(tolerance).Percent);
            Assert.That(fit.OverheadSeconds, Is.EqualTo(Floor).Within(3 * tolerance).Percent);
            Assert.That(error.MedianError, Is.LessThan(outliers == 0 ? 0.005 : 0.05));
            Assert.That(error.Rows, Is.EqualTo(samples.Length));
        });
    }

    [Test]
    public void Gemm_NoMeasurementsOfThePrecision_SaysSo()
    {
        CalibrationException problem = Assert.Throws<CalibrationException>(() => RooflineFit.Gemm([], KernelPrecision.Fp8, 1, "none"))!;
        Assert.That(problem.Message, Does.Contain("0 measurements of products in Fp8"));
    }

    [Test]
    public void AllReduce_EagerRowsAmongCapturedOnes_UsesCapturedOnesOnly()
    {
        CollectiveSample[] samples =
        [
            .. from exponent in Enumerable.Range(8, 18)
               from captured in new[] { true, false }
               let bytes = 1L << exponent
               select new CollectiveSample(CollectiveOperation.AllReduce, captured, 4, bytes, (captured ? 5e-6 : 21e-6) + (bytes / 200e9)),
        ];

        (IReadOnlyList<CollectiveFit> fits, _) = RooflineFit.AllReduce(samples);

        Assert.Multiple(() =>
        {
            Assert.That(fits.Single().LatencySeconds, Is.EqualTo(5e-6).Within(1).Percent);
            Assert.That(fits.Single().BytesPerSecond, Is.EqualTo(200e9).Within(1).Percent);
        });
    }
}
