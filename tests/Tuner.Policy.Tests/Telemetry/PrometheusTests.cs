using Tuner.Policy.Telemetry.Prometheus;

namespace Tuner.Policy.Tests.Telemetry;

public sealed class PrometheusTests
{
    [Test]
    public void Parse_EveryFormOfLine_IsRead()
    {
        const string Page = """
            # HELP http_requests_total The total number of "HTTP" requests.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200"} 1027 1395066363000
            metric_without_timestamp_and_labels 12.47
            msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\", really}"} 1.458255915e9
            something_weird{problem="division by zero"} +Inf -3982045
            nothing{} NaN
            trailing{a="1",} 3e-2
            """;

        List<PrometheusSample> samples = PrometheusText.Parse(Page.Replace("\n", "\r\n", StringComparison.Ordinal));

        Assert.That(samples.Select(sample => sample.Value), Is.EqualTo(new[] { 1027, 12.47, 1.458255915e9, double.PositiveInfinity, double.NaN, 0.03 }));
        Assert.That(samples[0].Labels["code"], Is.EqualTo("200"));
        Assert.That(samples[2].Labels["path"], Is.EqualTo(@"C:\DIR\FILE.TXT"));
        Assert.That(samples[2].Labels["error"], Is.EqualTo("Cannot find file:\n\"FILE.TXT\", really}"));
    }

    [TestCase("<html>"), TestCase("name"), TestCase("name{a=\"1\" 3"), TestCase("name{a=1} 3"), TestCase("name three"), TestCase("name{a=\"1"), TestCase("{} 1"), TestCase("name{")]
    public void Parse_NoSample_SaysWhere(string line)
        => Assert.That(() => PrometheusText.Parse("good 1\n" + line), Throws.TypeOf<FormatException>().With.Message.StartsWith("metrics page, line 2: "));

    [Test]
    public void Quantile_EvenObservations_AreInterpolated()
    {
        var histogram = new HistogramIncrease([("1.0", 10), ("2.0", 30), ("+Inf", 40)], 60);

        Assert.That(histogram.Quantile(0.125), Is.EqualTo(0.5));
        Assert.That(histogram.Quantile(0.5), Is.EqualTo(1.5));
        Assert.That(histogram.Quantile(0.99), Is.EqualTo(2), "beyond the last bound");
        Assert.That(histogram.ShareWithin(1.5), Is.EqualTo(0.5));
        Assert.That(histogram.ShareWithin(100), Is.EqualTo(0.75), "what lies beyond the last bound is late");
        Assert.That(histogram.Mean, Is.EqualTo(1.5));
    }
}
