using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

public sealed class KnobScheduleFileTests
{
    private static readonly Scenario Scenario = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Start = Scenario.DefaultSettings;

    [Test]
    public void Parse_CsvAndJsonLines_SayTheSame()
    {
        KnobSchedule csv = Parse("seconds,changes", "# at night", "600, precision=fp8-fp4, max-batch=128", "", "1200.5,speculation=on");
        KnobSchedule json = Parse("""{"seconds":600,"precision":"fp8-fp4","max-batch":128}""", """{ "seconds": 1200.5, "speculation": true }""");

        KnobSettings night = Start with { Precision = PrecisionMode.Fp8Fp4, MaxBatchLevel = Scenario.Knobs.BatchLadder.ToList().FindIndex(rung => rung.Sequences == 128) };
        Assert.That(csv.Changes, Is.EqualTo(new[] { new ScheduledChange(600, night), new ScheduledChange(1200.5, night with { Speculation = true }) }));
        Assert.That(json.Changes, Is.EqualTo(csv.Changes));
        Assert.That(json.Start, Is.EqualTo(Start));
    }

    [TestCase("soon,precision=fp8", "soon", "time in seconds")]
    [TestCase("-5,precision=fp8", "-5", "0 or more")]
    [TestCase("60", "no knob found")]
    [TestCase("60,precision", "\"precision\" found", "knob=value")]
    [TestCase("60,precision=fp2", "precision=fp2", "fp8-fp4")]
    [TestCase("60,precison=fp8", "precison", "one of the knobs")]
    [TestCase("60,precision=fp8,precision=fp8-fp4", "precision found twice")]
    [TestCase("""{"seconds":60,"precision":""", "not JSON", "expected a line such as")]
    [TestCase("""{"precision":"fp8"}""", "no \"seconds\" found")]
    public void Parse_WrongLine_SaysWhereAndWhatInOneSentence(string line, params string[] parts)
    {
        string message = Assert.Throws<ScenarioFormatException>(() => Parse("10,max-batch=128", line))!.Message;

        Assert.That(message, Does.StartWith("s.csv:2: ").And.EndsWith("."));
        Assert.That(message.Split('\n'), Has.Length.EqualTo(1), message);
        foreach (string part in parts)
            Assert.That(message, Does.Contain(part));
    }

    [Test]
    public void Parse_SeveralWrongLines_SaysEveryOne()
    {
        string message = Assert.Throws<ScenarioFormatException>(() => Parse("60,precision=fp2", "x,max-batch=128", "70,max-batch=128", "20,max-batch=64"))!.Message;

        Assert.That(message.Split(Environment.NewLine).Select(sentence => sentence[..8]), Is.EqualTo(new[] { "s.csv:1:", "s.csv:2:", "s.csv:4:" }));
        Assert.That(message, Does.Contain("20 s found after 70 s"));
    }

    [Test]
    public void Parse_LayoutTheScenarioLacks_SaysSo()
    {
        Scenario one = ScenarioFile.Load("llama8b-1xh100");
        string message = Assert.Throws<ScenarioFormatException>(() => KnobScheduleFile.Parse("s.csv", ["60,parallelism=tensor"], one, one.DefaultSettings))!.Message;

        Assert.That(message, Does.Contain("does not fit llama8b-1xh100"));
    }

    [Test]
    public void Parse_Nothing_SaysWhatWasExpected()
        => Assert.That(Assert.Throws<ScenarioFormatException>(() => Parse("# nothing"))!.Message, Does.Contain("no change found"));

    [Test]
    public void Read_NoSuchFile_SaysSo()
        => Assert.That(Assert.Throws<ScenarioFormatException>(() => KnobScheduleFile.Read("nowhere.csv", Scenario, Start))!.Message, Does.Contain("nowhere.csv: no such file"));

    private static KnobSchedule Parse(params string[] lines) => KnobScheduleFile.Parse("s.csv", lines, Scenario, Start);
}
