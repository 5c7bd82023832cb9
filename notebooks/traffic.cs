// The cells of traffic.ipynb as a program, made from it. Run it with: dotnet run -c Release notebooks/traffic.cs
#:project ../src/Tuner.Cli/Tuner.Cli.csproj
#:property Nullable=disable
#:property PublishAot=false

// # Is there anything to adapt to?
//
// A policy earns its keep only where traffic changes, and changes slowly enough to follow. This notebook measures the presets that ship with the tool; put your own trace in
// their place with `TrafficCatalog.Open("my-trace.csv", seed: 1)`.

using System.IO;
using ScottPlot;
using Tuner.Env.Traffic;

// ## The presets in figures
//
// *spread* is r90/r60: near 1 the load is flat and one setting fits all day; from about 1.3 on, spending quality at the peak alone carries
// more load than a fixed setting can. *gap variation* is 1 for Poisson arrivals, more where requests clump.

TrafficTrace[] traces = TrafficPresets.Names.Select(name => TrafficTrace.Load(TrafficPresets.Open(name, seed: 1))).ToArray();
TrafficStatistics[] statistics = traces.Select(trace => TrafficStatistics.Of(trace.Requests())).ToArray();
Console.WriteLine($"{"preset",-14} {"requests/s",10} {"gap variation",14} {"spread",7} {"prompt p50",11} {"p99",7} {"output p50",11} {"prefix reuse",13}");
for (int i = 0; i < traces.Length; i++)
    Console.WriteLine($"{traces[i].Name,-14} {statistics[i].RequestsPerSecond,10:0.00} {statistics[i].GapVariation,14:0.00} {statistics[i].R90OverR60,7:0.00} {statistics[i].PromptTokens.P50,11:0} {statistics[i].PromptTokens.P99,7:0} {statistics[i].OutputTokens.P50,11:0} {statistics[i].PrefixHitShare,13:0.0%}");
Console.WriteLine($"worth adapting to by their spread: {string.Join(", ", Enumerable.Range(0, traces.Length).Where(i => statistics[i].R90OverR60 >= 1.3).Select(i => traces[i].Name).DefaultIfEmpty("none"))}");

// ## Minute by minute
//
// The mixed day's two hours hold four days of its load curve; the other presets are shorter. Requests are half of the story: the other panel counts the prompt tokens they bring, which is the work. Look for humps wider than a decision window
// of ten seconds: those a policy can follow.

double[] Rates(TrafficTrace trace, double seconds, Func<InferenceRequest, double> amount)
{
    var sums = new double[(int)Math.Ceiling(trace.DurationSeconds / seconds)];
    foreach (InferenceRequest request in trace.Requests())
        sums[Math.Min(sums.Length - 1, (int)(request.ArrivalSeconds / seconds))] += amount(request) / seconds;
    return sums;
}

Plot Over(string title, string left, Func<InferenceRequest, double> amount)
{
    var plot = new Plot();
    for (int i = 0; i < traces.Length; i++)
    {
        double[] minutes = Rates(traces[i], 60, amount);
        Pictures.Line(plot, traces[i].Name, minutes.Select((_, minute) => minute + 0.5), minutes, Pictures.Palette[i], traces[i].Name == "mixed-day" ? 2.5f : 1.2f);
    }

    Pictures.Titled(plot, title, "minutes", left);
    plot.Axes.SetLimitsX(0, traces.Max(trace => trace.DurationSeconds) / 60);
    Pictures.LegendAbove(plot);
    return plot;
}

Pictures.Show([Over("arrivals", "requests a second", _ => 1), Over("work", "thousand prompt tokens a second", request => request.PromptTokens / 1000.0)], "traffic-over-time", columns: 1, width: 1100, height: 760);
for (int i = 0; i < traces.Length; i++)
{
    double[] minutes = Rates(traces[i], 60, _ => 1);
    double[] work = Rates(traces[i], 60, request => request.PromptTokens);
    Console.WriteLine($"{traces[i].Name,-14} busiest minute {minutes.Max() / minutes.Average():0.0} times the mean in requests, {work.Max() / work.Average():0.0} times in prompt tokens");
}

// ## How long are prompts and answers?
//
// Lengths decide which knobs matter: long prompts load the prefill, long answers the decode, and a spread over decades is what a split layout is for.

Plot Lengths(string title, Func<InferenceRequest, int> length)
{
    var plot = new Plot();
    for (int i = 0; i < traces.Length; i++)
    {
        int[] sorted = traces[i].Requests().Select(length).Order().ToArray();
        double[] shares = Enumerable.Range(0, 101).Select(percent => (double)percent).ToArray();
        Pictures.Line(plot, traces[i].Name, shares.Select(percent => Math.Log10(Math.Max(1, sorted[(int)(percent / 100 * (sorted.Length - 1))]))), shares, Pictures.Palette[i]);
    }

    Pictures.Titled(plot, title, "tokens", "% of requests up to this length");
    Pictures.Logarithmic(plot.Axes.Bottom, 10, [1, 10, 100, 1000, 10_000, 100_000]);
    plot.Axes.SetLimits(0, 5.2, 0, 101);
    Pictures.LegendAbove(plot);
    return plot;
}

Pictures.Show([Lengths("prompts", request => request.PromptTokens), Lengths("answers", request => request.OutputTokens)], "traffic-lengths", columns: 2);
for (int i = 0; i < traces.Length; i++)
    Console.WriteLine($"{traces[i].Name,-14} {traces[i].Requests().Count(request => request.PromptTokens >= 4096) / (double)traces[i].Count,5:0%} of prompts have 4,096 tokens or more and bring {traces[i].Requests().Where(request => request.PromptTokens >= 4096).Sum(request => (double)request.PromptTokens) / traces[i].Requests().Sum(request => (double)request.PromptTokens):0%} of prompt tokens");

// ## At which time scale does it change?
//
// Counts of requests in windows of growing length: variance over mean, which stays at 1 for a Poisson process of constant rate however long the window. Where a line climbs, the rate itself changes at that
// scale. A climb right of the dashed line, the decision window, is what a policy can use; left of it only the engine's own batching can.

double[] scales = Enumerable.Range(0, 10).Select(i => Math.Pow(2, i)).ToArray();
var dispersion = new Plot();
for (int i = 0; i < traces.Length; i++)
{
    double[] index = scales.Select(seconds =>
    {
        double[] counts = Rates(traces[i], seconds, _ => seconds);
        double mean = counts.Average();
        return counts.Average(count => (count - mean) * (count - mean)) / mean;
    }).ToArray();
    Pictures.Line(dispersion, traces[i].Name, scales.Select(Math.Log2), index.Select(Math.Log2), Pictures.Palette[i]);
    Console.WriteLine($"{traces[i].Name,-14} dispersion {index[0],6:0.0} in a second, {index[3],6:0.0} in 8 s, {index.Skip(4).Max(),6:0.0} at most beyond: {(index.Skip(4).Max() > 2 * index[3] ? "slow changes to follow" : index[0] > 2 ? "short clumps, little that lasts" : "hardly more than chance")}");
}

dispersion.Add.VerticalLine(Math.Log2(10), 1.5f, Pictures.Promise, LinePattern.Dashed);
Pictures.Titled(dispersion, "dispersion of arrivals", "window, s", "variance of counts over their mean");
Pictures.Logarithmic(dispersion.Axes.Bottom, 2, scales);
Pictures.Logarithmic(dispersion.Axes.Left, 2, [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
dispersion.Axes.SetLimitsX(0, 9);
Pictures.LegendAbove(dispersion);
Pictures.Show(dispersion, "traffic-dispersion");

// ## Another load, the same clock
//
// Scaling leaves requests out or repeats them; peaks stay where they are. For one seed, what a small factor keeps a larger one keeps too,
// so a search for the sustained load compares loads that differ by what was added.

TrafficTrace day = traces.Single(trace => trace.Name == "mixed-day");
foreach (double factor in new[] { 0.5, 1.0, 1.5, 2.0 })
{
    TrafficTrace scaled = day.Scaled(factor, seed: 1);
    double[] rates = Rates(scaled, 60, _ => 1);
    Console.WriteLine($"x{factor:0.0}: {scaled.Count,6} requests, busiest minute {Array.IndexOf(rates, rates.Max())} at {rates.Max():0.0} a second");
}
