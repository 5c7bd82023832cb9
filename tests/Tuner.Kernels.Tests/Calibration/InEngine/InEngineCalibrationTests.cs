using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.InEngine;

namespace Tuner.Kernels.Tests.Calibration.InEngine;

public sealed class InEngineCalibrationTests
{
    [Test]
    public void Run_TheTablesAgain_GivesTheCommittedProfile()
    {
        HardwareProfile now = InEngineCalibration.Run(SharedProfiles.Folder(), "RTXPRO6000");

        // Through a file and back: what is written twice must be alike, not the bytes a compressor chose.
        Assert.That(Plain(HardwareFile.Parse(HardwareFile.Write(now))), Is.EqualTo(Plain(HardwareFile.Parse(ShippedConfig.Read("hardware", "rtxpro6000")!))));

        static string Plain(HardwareProfile profile) => HardwareFile.Write(profile);
    }

    [TestCase(1, 16384, 0.0005)]
    [TestCase(128, 1024, 0.0005)]
    public void Profile_DecodeAttention_LiesWithinWhatMemoryAllows(int sequences, int cached, double most)
    {
        HardwareProfile profile = HardwareFile.Parse(ShippedConfig.Read("hardware", "rtxpro6000")!);
        AttentionTerm term = profile.Engines[0].AttentionFor(AttentionPhase.Decode, 16, 128);
        double seconds = new DecodeCurve(term, 32, 8, 0).At(sequences, (double)sequences * cached);

        // 2 · 8 heads · 128 · 2 bytes a token through 1.597 TB/s; a context that fits the 128 MB of L2 cache may be read quicker.
        Assert.That(seconds, Is.GreaterThan(0.5 * sequences * cached * 4096 / profile.MemoryBytesPerSecond).And.LessThan(most));
    }

    [Test]
    public void Run_BoardNobodyKnows_SaysSo()
    {
        // Outside the assertion: without the tables this skips, and a skip thrown in there would read as a failure.
        string folder = SharedProfiles.Folder();

        Assert.That(() => InEngineCalibration.Run(folder, "gtx9000"), Throws.TypeOf<CalibrationException>().With.Message.Contains("gtx9000"));
    }
}
