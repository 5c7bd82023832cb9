using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class PublishedTablesTests
{
    [Test]
    public void Read_ParquetAndItsCsv_HoldTheSameTimes()
    {
        string path = Path.Combine(SharedProfiles.Folder(), "aiconfigurator", "h200_sxm", "comm", "vllm-0.24.0", "custom_allreduce_perf");
        Table parquet = TableFile.Read(path + ".parquet");
        Table csv = TableFile.Read(path + ".csv.gz");

        Assert.Multiple(() =>
        {
            Assert.That(parquet.Rows, Is.EqualTo(csv.Rows));
            Assert.That(parquet.Integers("message_size"), Is.EqualTo(csv.Integers("message_size")));
            Assert.That(parquet.Numbers("latency"), Is.EqualTo(csv.Numbers("latency")).Within(0.001).Percent); // the text keeps six digits
        });
    }

    [TestCase("h100")]
    [TestCase("h200")]
    [TestCase("b200")]
    [TestCase("a100")]
    public void Run_TheTablesAgain_GivesTheCommittedProfile(string device)
    {
        HardwareProfile now = PublishedCalibration.Run(SharedProfiles.Folder(), device);

        // Through a file and back: what is written twice must be alike, not the bytes a compressor chose.
        Assert.That(Plain(HardwareFile.Parse(HardwareFile.Write(now))), Is.EqualTo(Plain(HardwareFile.Parse(ShippedConfig.Read("hardware", device)!))));

        static string Plain(HardwareProfile profile) => HardwareFile.Write(profile);
    }

    [Test]
    public void Read_UnknownDevice_NamesThoseThereAre()
    {
        string folder = SharedProfiles.Folder();

        Assert.That(
            () => PublishedTables.Read(folder, "h900", "vllm"),
            Throws.TypeOf<CalibrationException>().With.Message.Contains("'h900'").And.Message.Contains("a100, b200, h100, h200"));
    }

    [Test]
    public void Read_TableWithoutAColumn_NamesItAndThoseFound()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "lacking.csv");
        File.WriteAllText(path, "m,n,k\n1,2,3\n");

        Assert.That(
            () => TableFile.Read(path).Numbers("latency"),
            Throws.TypeOf<CalibrationException>().With.Message.EqualTo("lacking.csv: there is no column 'latency'; it has m, n, k."));
    }

    [Test]
    public void Read_CellThatIsNoNumber_SaysWhere()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "wordy.csv");
        File.WriteAllText(path, "m,latency\n1,0.5\n2,fast\n");

        Assert.That(
            () => TableFile.Read(path).Numbers("latency"),
            Throws.TypeOf<CalibrationException>().With.Message.EqualTo("wordy.csv:3: 'latency' is 'fast'; a number was expected."));
    }
}
