using Tuner.Kernels.Calibration;

namespace Tuner.Kernels.Tests.Calibration;

internal sealed class RaplMeterTests
{
    [Test]
    public void Joules_TwoPackagesAndOneRunsOver_AddsUp()
    {
        string folder = Directory.CreateTempSubdirectory("tuner-rapl-").FullName;
        try
        {
            Write("intel-rapl:0", 9_000_000);
            Write("intel-rapl:1", 1_000_000);
            Write("intel-rapl:0:0", 5_000_000); // a part of package 0, not to be counted twice
            RaplMeter meter = RaplMeter.TryOpen(folder)!;

            Write("intel-rapl:0", 2_000_000); // over the limit of 10 J: 3 J later
            Write("intel-rapl:1", 1_500_000);
            Write("intel-rapl:0:0", 9_000_000);

            Assert.That(meter.Joules(), Is.EqualTo(3.5).Within(1e-9));
            Assert.That(meter.Joules(), Is.EqualTo(3.5).Within(1e-9));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Write(string zone, long energy)
        {
            string path = Directory.CreateDirectory(Path.Combine(folder, zone)).FullName;
            File.WriteAllText(Path.Combine(path, "energy_uj"), $"{energy}\n");
            File.WriteAllText(Path.Combine(path, "max_energy_range_uj"), "10000000\n");
        }
    }

    [Test]
    public void TryOpen_NoCounters_SaysNo()
        => Assert.That(RaplMeter.TryOpen(Path.Combine(Path.GetTempPath(), "tuner-no-such-folder")), Is.Null);
}
