using System.Text;
using Tuner.Policy.Telemetry;
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

        List<(IReadOnlyDictionary<string, string> Labels, double Value)> samples = Parse(Page.Replace("\n", "\r\n", StringComparison.Ordinal));

        Assert.That(samples.Select(sample => sample.Value), Is.EqualTo(new[] { 1027, 12.47, 1.458255915e9, double.PositiveInfinity, double.NaN, 0.03 }));
        Assert.That(samples[0].Labels["code"], Is.EqualTo("200"));
        Assert.That(samples[2].Labels["path"], Is.EqualTo(@"C:\DIR\FILE.TXT"));
        Assert.That(samples[2].Labels["error"], Is.EqualTo("Cannot find file:\n\"FILE.TXT\", really}"));
    }

    [TestCase("<html>"), TestCase("name"), TestCase("name{a=\"1\" 3"), TestCase("name{a=1} 3"), TestCase("name three"), TestCase("name{a=\"1"), TestCase("{} 1"), TestCase("name{")]
    public void Parse_NoSample_SaysWhere(string line)
        => Assert.That(() => Read(new PrometheusPages(EngineMetrics.Vllm, 1), "good 1\n" + line), Throws.TypeOf<FormatException>().With.Message.StartsWith("metrics page, line 2: "));

    [Test]
    public void Quantile_EvenObservations_AreInterpolated()
    {
        var histogram = new HistogramIncrease();
        histogram.Begin(60);
        histogram.Add(1, 10);
        histogram.Add(2, 20);
        histogram.Add(2, 10);
        histogram.Add(double.PositiveInfinity, 40);

        Assert.That(histogram.Quantile(0.125), Is.EqualTo(0.5));
        Assert.That(histogram.Quantile(0.5), Is.EqualTo(1.5));
        Assert.That(histogram.Quantile(0.99), Is.EqualTo(2), "beyond the last bound");
        Assert.That(histogram.ShareWithin(1.5), Is.EqualTo(0.5));
        Assert.That(histogram.ShareWithin(100), Is.EqualTo(0.75), "what lies beyond the last bound is late");
        Assert.That(histogram.Mean, Is.EqualTo(1.5));
    }

    [Test]
    public void Look_PageInAnotherOrder_IsReadTheSame()
    {
        var pages = new PrometheusPages(EngineMetrics.Vllm, 1);
        var increase = new PrometheusIncrease(pages);
        Read(pages, "vllm:num_requests_running{engine=\"0\"} 1\nvllm:prompt_tokens_total{engine=\"0\"} 10\nother{path=\"a}b\"} 1\nvllm:prompt_tokens_total{engine=\"1\"} 5\n");
        Read(pages, "vllm:prompt_tokens_total{engine=\"1\"} 7\nnew 1\nvllm:prompt_tokens_total{engine=\"0\"} 40\nvllm:num_requests_running{engine=\"0\"} 3\n");

        Assert.That(increase.Counter("vllm:prompt_tokens"), Is.EqualTo(32));
        Assert.That(increase.Gauge(EngineMetrics.Vllm.Running), Is.EqualTo(3));
        Assert.That(increase.GaugeBefore(EngineMetrics.Vllm.Running), Is.EqualTo(1));
    }

    [Test]
    public void Look_BrokenOff_LeavesTheLastWholeOneToCompareWith()
    {
        var pages = new PrometheusPages(EngineMetrics.Vllm, 1);
        var increase = new PrometheusIncrease(pages);
        MetricName tokens = "vllm:prompt_tokens";
        Read(pages, "vllm:prompt_tokens_total 10");
        for (int i = 0; i < 3; i++)
            Assert.Throws<FormatException>(() => Read(pages, $"vllm:prompt_tokens_total {20 + i}\nbroken"));

        Read(pages, "vllm:prompt_tokens_total 30");

        Assert.That(increase.Counter(tokens), Is.EqualTo(20));
        Read(pages, "vllm:prompt_tokens_total 31");
        Assert.That(increase.Counter(tokens), Is.EqualTo(1));
    }

    [Test]
    public void Look_SeriesTwiceOnAPage_CountsOnceForEach()
    {
        var pages = new PrometheusPages(EngineMetrics.Vllm, 1);
        Read(pages, "vllm:prompt_tokens_total 10\nvllm:prompt_tokens_total 20");
        Read(pages, "vllm:prompt_tokens_total 11\nvllm:prompt_tokens_total 24");

        Assert.That(new PrometheusIncrease(pages).Counter("vllm:prompt_tokens"), Is.EqualTo(5));
    }

    [Test]
    public void Look_LabelsThatComeAndGo_AreForgottenAndTheRestGoesOn()
    {
        var pages = new PrometheusPages(EngineMetrics.Vllm, 1);
        var increase = new PrometheusIncrease(pages);
        MetricName tokens = "vllm:prompt_tokens";
        for (int i = 0; i < 1000; i++)
        {
            Read(pages, $"vllm:prompt_tokens_total{{request=\"{i}\"}} 1\nvllm:prompt_tokens_total {10 * i}\n");
            Assert.That(increase.Counter(tokens), Is.EqualTo(i == 0 ? 1 : 11), "a new series begins at 0");
        }

        Assert.That(pages.Of(tokens).Values, Has.Count.LessThan(300));
    }

    [Test]
    public void Look_TheSamePageAgain_AllocatesNothing()
    {
        var pages = new PrometheusPages(EngineMetrics.Vllm, 1);
        byte[] page = Encoding.UTF8.GetBytes(PageServer.Stored("sglang-after"));
        void Look()
        {
            pages.Begin();
            pages.Read(0, page);
            pages.End();
        }

        Look();
        Look();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Look();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Read(PrometheusPages pages, string page)
    {
        pages.Begin();
        pages.Read(0, Encoding.UTF8.GetBytes(page));
        pages.End();
    }

    private static List<(IReadOnlyDictionary<string, string> Labels, double Value)> Parse(string page)
    {
        var samples = new List<(IReadOnlyDictionary<string, string> Labels, double Value)>();
        ReadOnlySpan<byte> left = Encoding.UTF8.GetBytes(page);
        int number = 0;
        while (PrometheusText.TryNext(ref left, ref number, out ReadOnlySpan<byte> line))
        {
            (int end, _, IReadOnlyDictionary<string, string> labels) = PrometheusText.Series(line, number);
            Assert.That(PrometheusText.SeriesEnd(line), Is.EqualTo(end), "found the quick way");
            samples.Add((labels, PrometheusText.Value(line, end, number)));
        }

        return samples;
    }
}
