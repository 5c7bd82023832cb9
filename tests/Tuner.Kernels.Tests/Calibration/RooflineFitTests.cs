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

        GemmFit fit = RooflineFit.Gemm(samples, KernelPrecision.Bf16, 2);

        // One time in ten doubled, as a clock dip does, moves the fit by a few per cent only.
        double tolerance = outliers == 0 ? 0.5 : 6;
        Assert.Multiple(() =>
        {
            Assert.That(fit.FlopsPerSecond, Is.EqualTo(Flops).Within(tolerance).Percent);
            Assert.That(fit.BytesPerSecond, Is.EqualTo(Bandwidth).Within(tolerance).Percent);
            Assert.That(fit.OverheadSeconds, Is.EqualTo(Floor).Within(3 * tolerance).Percent);
        });
    }

    [Test]
    public void Gemm_NoMeasurementsOfThePrecision_SaysSo()
    {
        CalibrationException problem = Assert.Throws<CalibrationException>(() => RooflineFit.Gemm([], KernelPrecision.Fp8, 1))!;
        Assert.That(problem.Message, Does.Contain("0 measurements of products in Fp8"));
    }
}
