// The cells of knobs.ipynb as a program, made from it. Run it with: dotnet run -c Release notebooks/knobs.cs
#:project ../src/Tuner.Cli/Tuner.Cli.csproj
#:property Nullable=disable
#:property PublishAot=false

// # What do the eight knobs do, and where does each begin to pay?
//
// Every knob is a trade. This notebook turns them one at a time on a simulated cluster, then draws for each the line on which it breaks
// even: below it the knob costs, above it the knob pays. A policy is worth having because traffic crosses these lines.
//
// Pictures go to `runs/notebooks` and, in a kernel, below their cells. Every number in the text below a cell is one the cell printed.

using System.IO;
using ScottPlot;
using Tuner.Env.Cluster;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.BreakingEven;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

// ## The cluster and two loads
//
// Eight B200 serve a 70B model; all eight knobs can be turned there. *Carried* is the largest load at which the engine's default keeps
// 90 % of its promises. Everything below is measured at a light load and at one just above it, on the same arrivals.

Scenario scenario = ScenarioFile.Load("llama70b-8xb200");
var costs = new EngineCostCache(scenario);
KnobSettings standard = scenario.DefaultSettings;
TrafficTrace traffic = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 1)).Slice(900, 900);
double carried = SustainedLoad.Find(costs, traffic, () => new FixedPolicy("default", standard), seed: 1, resolution: 0.03);
(double light, double heavy) = (0.4 * carried, 1.1 * carried);

// As many at once as there are cores; results in order.
R[] Each<T, R>(IEnumerable<T> all, Func<T, R> run)
{
    T[] given = all.ToArray();
    var results = new R[given.Length];
    Parallel.For(0, given.Length, i => results[i] = run(given[i]));
    return results;
}

RunResult Run(KnobSettings settings, double load) => PolicyRunner.Run(costs, traffic.Scaled(load, seed: 1), new FixedPolicy("fixed", settings), settings);

Console.WriteLine($"{scenario.Name}: {scenario.Model.Name} on {scenario.Gpus} x {scenario.Hardware.Name}");
Console.WriteLine($"default: {KnobText.Write(scenario.Knobs, standard)}");
Console.WriteLine($"it carries {carried * traffic.MeanRate:0.00} requests a second; light is {light * traffic.MeanRate:0.00}, heavy {heavy * traffic.MeanRate:0.00}");

// ## One knob at a time
//
// - *TTFT*: time to first token. *TPOT*: time per output token after it. Both as the 90th percentile over completed requests.
// - *goodput*: requests a second that met both promises.
// - *KV room*: tokens of context the cluster can hold.
// - *quality*: mean loss in points, as published for the format; 0.2 may be spent on average.

var choices = new List<(string Name, KnobSettings Settings)>
{
    ("default", standard),
    ("parallelism=single", standard with { Parallelism = ParallelismMode.Single }),
    ("parallelism=pipeline", standard with { Parallelism = ParallelismMode.Pipeline }),
    ("parallelism=hybrid", standard with { Parallelism = ParallelismMode.Hybrid }),
    ("precision=fp8-fp4", standard with { Precision = PrecisionMode.Fp8Fp4 }),
    ("max-batch=16", standard with { MaxBatchLevel = 0 }),
    ("max-batch=384", standard with { MaxBatchLevel = scenario.Knobs.BatchLadder.Count - 1 }),
    ("batch-wait=0.05", standard with { BatchWaitLevel = scenario.Knobs.BatchWaitLadder.Count - 1 }),
    ("kv-compression=on", standard with { KvCompression = true }),
    ("speculation=on, draft smaller", standard with { Speculation = true, DraftLevel = 0 }),
    ("speculation=on, draft larger", standard with { Speculation = true, DraftLevel = 1 }),
    ("kv-prefetch=on", standard with { KvPrefetch = true }),
};
double[] twoLoads = [light, heavy];
RunResult[] runs = Each(choices.SelectMany(choice => twoLoads.Select(load => (choice.Settings, load))), each => Run(each.Settings, each.load));

double P90(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[(int)(0.9 * (sorted.Length - 1))] : double.NaN;
double Ttft(RunResult run) => P90(run.Outcomes.Where(each => each.Completed).Select(each => each.TtftSeconds));
double Tpot(RunResult run) => P90(run.Outcomes.Where(each => each.Completed && each.OutputTokens > 1).Select(each => each.TpotSeconds));
double Goodput(RunResult run) => run.Outcomes.Count(each => each.Met) / run.DurationSeconds;
double KvRoom(KnobSettings settings) => scenario.LayoutOf(settings.Parallelism).Pools.Sum(pool => pool.Replicas * (double)scenario.PlanFor(pool, settings).KvTokens);

Console.WriteLine($"{"",-30} {"TTFT p90, ms",15} {"TPOT p90, ms",15} {"goodput, 1/s",15} {"J/token",11} {"KV room",8} {"quality",8}");
for (int i = 0; i < choices.Count; i++)
{
    (RunResult calm, RunResult busy) = (runs[2 * i], runs[(2 * i) + 1]);
    Console.WriteLine($"{choices[i].Name,-30} {1000 * Ttft(calm),7:0} {1000 * Ttft(busy),7:0} {1000 * Tpot(calm),7:0.0} {1000 * Tpot(busy),7:0.0} {Goodput(calm),7:0.00} {Goodput(busy),7:0.00} {calm.JoulesPerToken,5:0.00} {busy.JoulesPerToken,5:0.00} {KvRoom(choices[i].Settings) / 1e6,7:0.00}M {busy.QualityLoss,8:0.00}");
}

// Each pair of columns is the light load, then the heavy one. The picture shows the same as ratios to the default: left of the line is less.
// Look for knobs whose two points lie on different sides of the line: those want to be turned as the load changes. A knob with both points on the line does nothing on
// this traffic.

Plot Ratios(string title, Func<RunResult, double> metric, bool names)
{
    var plot = new Plot();
    double Ratio(int run) => Math.Log2(Math.Clamp(metric(runs[run]) / metric(runs[run % 2]), 0.5, 4));
    for (int load = 0; load < 2; load++)
    {
        var points = plot.Add.ScatterPoints(Enumerable.Range(1, choices.Count - 1).Select(i => Ratio((2 * i) + load)).ToArray(), Enumerable.Range(1, choices.Count - 1).Select(i => choices.Count - i + (load == 0 ? 0.15 : -0.15)).ToArray(), Pictures.Palette[load]);
        points.MarkerSize = 10;
        points.MarkerShape = load == 0 ? MarkerShape.OpenCircle : MarkerShape.FilledCircle;
        points.LegendText = load == 0 ? "light" : "heavy";
    }

    plot.Add.VerticalLine(0, 1.5f, Pictures.Ink.WithAlpha(0.6), LinePattern.Dashed);
    plot.Axes.Left.SetTicks(Enumerable.Range(1, choices.Count - 1).Select(i => (double)(choices.Count - i)).ToArray(), choices.Skip(1).Select(choice => names ? choice.Name : "").ToArray());
    Pictures.Titled(plot, title, "times the default's", "");
    Pictures.Logarithmic(plot.Axes.Bottom, 2, [0.5, 0.7, 1, 1.4, 2, 4]);
    plot.Axes.SetLimits(-1.1, 2.1, 0.4, choices.Count - 0.4);
    Pictures.LegendAbove(plot);
    return plot;
}

Pictures.Show([Ratios("TTFT p90", Ttft, true), Ratios("TPOT p90", Tpot, false), Ratios("goodput", Goodput, true), Ratios("energy a token", run => run.JoulesPerToken, false)], "knobs-one-at-a-time", columns: 2, width: 1300, height: 900);

bool Helps(int choice, int load) => Goodput(runs[(2 * choice) + load]) > 1.005 * Goodput(runs[load]) || (Goodput(runs[(2 * choice) + load]) > 0.995 * Goodput(runs[load]) && Tpot(runs[(2 * choice) + load]) < 0.98 * Tpot(runs[load]));
for (int i = 1; i < choices.Count; i++)
    Console.WriteLine($"{choices[i].Name,-30} {(Helps(i, 0), Helps(i, 1)) switch { (true, true) => "better at both loads", (true, false) => "better at the light load only", (false, true) => "better at the heavy load only", _ => "not better here" }}");

// *Better* means more goodput, or as much with quicker tokens.
//
// ## Layouts over load
//
// Tensor parallelism reads each weight with more GPUs at once and pays for it with an all-reduce a layer; single replicas never talk to each other.
// Look for the load at which the lines cross.

ParallelismMode[] modes = Enum.GetValues<ParallelismMode>().Where(mode => scenario.Fits(standard with { Parallelism = mode })).ToArray();
double[] loads = Enumerable.Range(1, 8).Select(i => 0.2 * i * carried).ToArray();
double[] rates = loads.Select(load => load * traffic.MeanRate).ToArray();
RunResult[][] byMode = modes.Select(mode => Each(loads, load => Run(standard with { Parallelism = mode }, load))).ToArray();

var kept = new Plot();
var latency = new Plot();
for (int m = 0; m < modes.Length; m++)
{
    Pictures.Line(kept, modes[m].ToString().ToLowerInvariant(), rates, byMode[m].Select(run => 100 * run.Attainment), Pictures.Palette[m]);
    Pictures.Line(latency, modes[m].ToString().ToLowerInvariant(), rates, byMode[m].Select(run => run.MeanLatencySeconds), Pictures.Palette[m]);
}

Pictures.Level(kept, 100 * scenario.AttainmentTarget, "target");
Pictures.Titled(kept, "promises kept", "requests a second", "% of requests");
Pictures.Titled(latency, "from arrival to last token", "requests a second", "mean, s");
latency.Axes.SetLimitsY(0, 1.05 * byMode.SelectMany(row => row.Take(6)).Max(run => run.MeanLatencySeconds));
Pictures.LegendAbove(kept);
Pictures.LegendAbove(latency);
Pictures.Show([kept, latency], "knobs-layouts", columns: 2);

double Carries(RunResult[] row) => rates.Zip(row).Where(each => each.Second.Attainment >= scenario.AttainmentTarget).Select(each => each.First).DefaultIfEmpty(0).Max();
for (int i = 0; i < loads.Length; i++)
    Console.WriteLine($"{rates[i],5:0.00} requests/s: most promises kept by {modes[Enumerable.Range(0, modes.Length).MaxBy(m => byMode[m][i].Attainment)].ToString().ToLowerInvariant(),-8} quickest answers from {modes[Enumerable.Range(0, modes.Length).MinBy(m => byMode[m][i].MeanLatencySeconds)].ToString().ToLowerInvariant()}");
for (int m = 0; m < modes.Length; m++)
    Console.WriteLine($"{modes[m].ToString().ToLowerInvariant(),-8} keeps its promises up to {Carries(byMode[m]):0.00} requests/s of those tried");

// ## Tensor parallel over load, in the cost model alone
//
// One replica over twice the GPUs against two replicas that share the requests: how many times as quick each output token comes. Below the
// dashed line the two small ones win. Wide replicas win where a step waits for weights, and lose where it waits for the all-reduce.

var surfaces = new RatioSurfaces(scenario.Hardware, new MeasuredCostModel(scenario.Hardware, scenario.Engine));
EngineSpec Engine(int tensor, KnobSettings settings) => scenario.EngineFor(new PoolSpec(1, tensor, 1), settings);
double PaysShare(RatioSurface surface) => surface.Ratio.Cast<double>().Where(double.IsFinite).ToArray() is { Length: > 0 } known ? known.Count(ratio => ratio > 1) / (double)known.Length : double.NaN;
int Nearest(IReadOnlyList<double> values, double wanted) => Enumerable.Range(0, values.Count).MinBy(i => Math.Abs(values[i] - wanted));

int[] degrees = [1, 2, 4];
RatioSurface[] doubled = degrees.Select(tensor => surfaces.TensorParallel(Engine(tensor, standard))).ToArray();
Plot AtContext(double context)
{
    var plot = new Plot();
    for (int i = 0; i < degrees.Length; i++)
        Pictures.Line(plot, $"tp {2 * degrees[i]} against 2 x tp {degrees[i]}", doubled[i].X.Select(Math.Log2), Enumerable.Range(0, doubled[i].X.Count).Select(x => doubled[i].Ratio[Nearest(doubled[i].Y, context), x]), Pictures.Palette[i]);
    plot.Add.HorizontalLine(1, 1.5f, Pictures.Ink.WithAlpha(0.6), LinePattern.Dashed);
    Pictures.Titled(plot, $"context of {context:N0}", "requests in flight", "times as quick");
    Pictures.Logarithmic(plot.Axes.Bottom, 2, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
    plot.Axes.SetLimits(0, 9, 0.6, 2);
    Pictures.LegendAbove(plot);
    return plot;
}

Pictures.Show([AtContext(1024), AtContext(16384)], "knobs-tensor-break-even", columns: 2);
for (int i = 0; i < degrees.Length; i++)
    Console.WriteLine($"one of tp {2 * degrees[i]} beats two of tp {degrees[i]} in {PaysShare(doubled[i]):0%} of the cases that fit");

// ## FP4: how much of the time it is needed, and how much the budget allows
//
// Four-bit weights are quicker and cost quality. Kept on all day they overdraw the budget; spent on the busiest minutes they buy load.
// Each line switches to FP4 for a share of the minutes, busiest first. Filled points stay within the quality budget.

TrafficTrace hour = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 1)).Slice(900, 1800);
double[] shares = [0, 0.1, 0.25, 0.5, 1];
double[] fp4Loads = Enumerable.Range(0, 7).Select(i => carried * (0.85 + (0.1 * i))).ToArray();

RunResult Spend(double share, double load)
{
    TrafficTrace scaled = hour.Scaled(load, seed: 1);
    double[] work = new double[(int)(hour.DurationSeconds / 60)];
    foreach (InferenceRequest request in scaled.Requests())
        work[Math.Min(work.Length - 1, (int)(request.ArrivalSeconds / 60))] += request.PromptTokens;
    HashSet<int> busiest = Enumerable.Range(0, work.Length).OrderByDescending(minute => work[minute]).Take((int)Math.Round(share * work.Length)).ToHashSet();
    KnobSettings At(int minute) => standard with { Precision = busiest.Contains(minute) ? PrecisionMode.Fp8Fp4 : PrecisionMode.Fp8 };
    var changes = Enumerable.Range(1, work.Length - 1).Where(minute => At(minute) != At(minute - 1)).Select(minute => new ScheduledChange(60 * minute, At(minute))).ToArray();
    return ScheduledRun.Run(costs, scaled, new KnobSchedule(At(0), changes));
}

RunResult[][] spent = shares.Select(share => Each(fp4Loads, load => Spend(share, load))).ToArray();
var fp4 = new Plot();
for (int s = 0; s < shares.Length; s++)
{
    double[] at = fp4Loads.Select(load => load * hour.MeanRate).ToArray();
    double[] attained = spent[s].Select(run => 100 * run.Attainment).ToArray();
    Pictures.Line(fp4, $"{shares[s]:0%} of minutes", at, attained, Pictures.Palette[s]);
    for (int i = 0; i < at.Length; i++)
        fp4.Add.Marker(at[i], attained[i], spent[s][i].QualityLoss <= scenario.Quality.Budget ? MarkerShape.FilledCircle : MarkerShape.OpenCircle, 9, Pictures.Palette[s]);
    double most = fp4Loads.Zip(spent[s]).Where(each => each.Second.Attainment >= scenario.AttainmentTarget).Select(each => each.First * hour.MeanRate).DefaultIfEmpty(0).Max();
    Console.WriteLine($"FP4 in {shares[s],4:0%} of minutes: carries {most:0.00} requests/s, quality loss {spent[s].Average(run => run.QualityLoss):0.00} of {scenario.Quality.Budget} points{(spent[s].Average(run => run.QualityLoss) > scenario.Quality.Budget ? ", overdrawn" : "")}");
}

Pictures.Level(fp4, 100 * scenario.AttainmentTarget, "target");
Pictures.Titled(fp4, "FP4 in the busiest minutes (open points overdraw the quality budget)", "requests a second", "% of promises kept");
Pictures.LegendAbove(fp4);
Pictures.Show(fp4, "knobs-fp4-share");

// ## Speculation: batch size against acceptance
//
// Drafted tokens are verified in the same step. In a small batch the step waits for memory and the extra rows are free; in a large one they
// are not. Above a line speculation pays. A line that is missing on the left lies below the picture, one that ends on the right has run out of memory. Dotted: how often the small draft's tokens are accepted.

// Where the ratio crosses 1 as the second quantity grows; NaN where it does not.
double[] BreakEven(RatioSurface surface) => Enumerable.Range(0, surface.X.Count).Select(x =>
{
    for (int y = 0; y + 1 < surface.Y.Count; y++)
    {
        (double low, double high) = (Math.Log(surface.Ratio[y, x]), Math.Log(surface.Ratio[y + 1, x]));
        if (double.IsFinite(low) && double.IsFinite(high) && low > 0 != high > 0)
            return surface.Y[y] + ((surface.Y[y + 1] - surface.Y[y]) * low / (low - high));
    }

    return double.NaN;
}).ToArray();

var guess = new Plot();
foreach ((DraftSpec draft, int index) in scenario.Drafts.Select((draft, index) => (draft, index)))
    foreach ((int context, int variant) in new[] { 1024, 16384 }.Select((context, variant) => (context, variant)))
    {
        RatioSurface surface = surfaces.Speculation(Engine(2, standard with { Speculation = true, DraftLevel = index }), context);
        double[] line = BreakEven(surface);
        Pictures.Line(guess, $"{draft.Model.Name}, context {context:N0}", surface.X.Select(Math.Log2), line, Pictures.Palette[(2 * index) + variant]);
        double mean = draft.AcceptanceByClass[(int)TrafficClass.Chat].Average();
        int Most(double least) => Enumerable.Range(0, surface.X.Count).Where(x => surface.Ratio[Nearest(surface.Y, mean), x] > least).Select(x => (int)Math.Round(surface.X[x])).DefaultIfEmpty(0).Max();
        Console.WriteLine($"{draft.Model.Name,-14} context {context,6:N0}: with chat's acceptance of {mean:0.00} it pays up to {Most(1)} requests in flight, of {Most(0)} that fit a replica");
    }

foreach (TrafficClass kind in new[] { TrafficClass.Chat, TrafficClass.Code })
{
    double level = scenario.Drafts[0].AcceptanceByClass[(int)kind].Average();
    guess.Add.HorizontalLine(level, 1, Pictures.Ink.WithAlpha(0.6), LinePattern.Dotted);
    var label = guess.Add.Text($"{kind.ToString().ToLowerInvariant()}, {scenario.Drafts[0].Model.Name}", 0.1, level);
    label.LabelAlignment = Alignment.LowerLeft;
    label.LabelFontColor = Pictures.Ink;
}

Pictures.Titled(guess, $"where {scenario.Drafts[0].Tokens} drafted tokens break even, tp 2", "requests in flight on a replica", "probability of acceptance");
Pictures.Logarithmic(guess.Axes.Bottom, 2, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
guess.Axes.SetLimits(0, 9, 0.28, 0.97);
Pictures.LegendAbove(guess);
Pictures.Show(guess, "knobs-speculation-break-even");

// ## KV compression: context against requests in flight
//
// An 8-bit cache halves what attention reads and adds work to every step. Above a line the shorter reads win; where a line is missing they always do, in the picture. Room is the other half of
// the story: where a 16-bit cache does not fit, compression is not quicker but possible.

var cache = new Plot();
foreach ((int tensor, int index) in new[] { 1, 2, 4 }.Select((tensor, index) => (tensor, index)))
{
    RatioSurface surface = surfaces.KvCompression(Engine(tensor, standard));
    Pictures.Line(cache, $"tp {tensor}", surface.X.Select(Math.Log2), BreakEven(surface).Select(Math.Log2), Pictures.Palette[index]);
    double[] known = surface.Ratio.Cast<double>().Where(double.IsFinite).ToArray();
    Console.WriteLine($"tp {tensor}: {known.Min():0.00} to {known.Max():0.00} times as quick, pays in {PaysShare(surface):0%} of the cases that fit");
}

Pictures.Titled(cache, "where an 8-bit KV cache breaks even", "requests in flight on a replica", "context of each, tokens");
Pictures.Logarithmic(cache.Axes.Bottom, 2, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
Pictures.Logarithmic(cache.Axes.Left, 2, [256, 1024, 4096, 16384, 65536, 131072]);
cache.Axes.SetLimits(0, 9, 8, 17);
Pictures.LegendAbove(cache);
Pictures.Show(cache, "knobs-kv-break-even");
Console.WriteLine($"room for context: {KvRoom(standard) / 1e6:0.00}M tokens in 16 bits, {KvRoom(standard with { KvCompression = true }) / 1e6:0.00}M in 8");

// ## Prefetch: how many sessions come back
//
// Prefetch brings back from host memory the prefixes it expects to be asked for again. Here three sessions speak twice every ten seconds,
// strangers push them out of GPU memory, and a share of the sessions returns. The cache is kept small so that something is pushed out.

Scenario small = ScenarioFile.Load("llama8b-1xh100");
KnobSettings off = small.DefaultSettings;
while (small.PlanFor(small.LayoutOf(off.Parallelism).Pools[0], off).KvTokens > 24_000)
    small = small with { GpuMemoryUtilization = small.GpuMemoryUtilization - 0.0005 };
var smallCosts = new EngineCostCache(small);
const int block = 512;

InferenceRequest Turn(double at, int session, int blocks, int tail, int output) => new(at, (blocks * block) + tail, output, TrafficClass.Agentic, Enumerable.Range(0, blocks).Select(b => ((ulong)session << 32) + (ulong)b + 1).ToArray(), block);

TrafficTrace Sessions(double returning, ulong seed)
{
    RandomStream random = RandomStream.For(seed, "sessions");
    var requests = new List<InferenceRequest>();
    int[] speaking = [0, 1, 2];
    int next = 3;
    for (int round = 0; round < 30; round++)
    {
        for (int slot = 0; slot < speaking.Length; slot++)
            if (random.NextDouble() >= returning)
                speaking[slot] = next++;
        for (int turn = 0; turn < 6; turn++)
            requests.Add(Turn((10 * round) + (0.4 * turn), speaking[turn % 3], 8, 100, 20));
        for (int filler = 0; filler < 12; filler++)
            requests.Add(Turn((10 * round) + 3 + (0.2 * filler), 100_000 + (100 * round) + filler, 6, 50, 2));
    }

    return TrafficTrace.Of("sessions", requests, 300);
}

double[] returns = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
ulong[] seeds = [1, 2, 3, 4];
double MeanTtft(RunResult run) => run.Outcomes.Where(each => each.Completed && each.OutputTokens == 20).Average(each => each.TtftSeconds);
double LinkSeconds(RunResult run) => run.Windows.Sum(window => window.HostLinkUse * window.Seconds);
(double Gain, double Link)[] fetched = Each(returns, share => seeds.Select(seed =>
{
    TrafficTrace trace = Sessions(share, seed);
    RunResult without = PolicyRunner.Run(smallCosts, trace, new FixedPolicy("off", off), off);
    RunResult with = PolicyRunner.Run(smallCosts, trace, new FixedPolicy("on", off with { KvPrefetch = true }), off);
    return (Gain: 1000 * (MeanTtft(without) - MeanTtft(with)), Link: LinkSeconds(with) - LinkSeconds(without));
}).ToArray()).Select(rows => (rows.Average(row => row.Gain), rows.Average(row => row.Link))).ToArray();

var prefetch = new Plot();
Pictures.Line(prefetch, "", returns.Select(share => 100 * share), fetched.Select(each => each.Gain), Pictures.Palette[0]);
prefetch.Add.HorizontalLine(0, 1.5f, Pictures.Ink.WithAlpha(0.6), LinePattern.Dashed);
Pictures.Titled(prefetch, "what prefetch saves", "% of sessions that return", "mean TTFT saved, ms");
var link = new Plot();
Pictures.Line(link, "", returns.Select(share => 100 * share), fetched.Select(each => each.Link), Pictures.Palette[1]);
Pictures.Titled(link, "what it takes of the host link", "% of sessions that return", "seconds more in five minutes");
link.Axes.SetLimitsY(0, 1.1 * fetched.Max(each => each.Link));
Pictures.Show([prefetch, link], "knobs-prefetch", columns: 2, height: 360);
for (int i = 0; i < returns.Length; i++)
    Console.WriteLine($"{returns[i],4:0%} return: {fetched[i].Gain,6:0.0} ms saved of a first token, {fetched[i].Link,6:0.00} s of the link");

// ## What a change costs, and how long it must pay back
//
// A knob that is better now is worth turning only if *now* lasts. Each change is made once, five minutes into a run at the heavy load. Its
// cost is what it breaks of the promises kept when the same change, on the same arrivals, is free of charge; its gain is what the new setting keeps
// more of than the old one, a minute. Payback is their ratio, over six stretches of traffic.

(string Name, KnobSettings From, KnobSettings To)[] moves =
[
    ("parallelism single to tensor", standard with { Parallelism = ParallelismMode.Single }, standard),
    ("parallelism tensor to hybrid", standard, standard with { Parallelism = ParallelismMode.Hybrid }),
    ("precision fp8 to fp8-fp4", standard, standard with { Precision = PrecisionMode.Fp8Fp4 }),
    ("max-batch 16 to 256", standard with { MaxBatchLevel = 0 }, standard),
    ("kv-compression off to on", standard, standard with { KvCompression = true }),
    ("speculation off to on", standard, standard with { Speculation = true }),
    ("draft larger to smaller", standard with { Speculation = true, DraftLevel = 1 }, standard with { Speculation = true }),
    ("kv-prefetch off to on", standard, standard with { KvPrefetch = true }),
];
const double changeAt = 300;
var gratis = new EngineCostCache(scenario with { Switching = new SwitchingSpec(0, 0, double.MaxValue, 0, double.MaxValue) });
TrafficTrace wholeDay = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 1));
TrafficTrace[] stretches = Enumerable.Range(0, 6).Select(i => wholeDay.Slice(300 + (1000 * i), 900).Scaled(heavy, seed: 1)).ToArray();

// Half the 95 % interval of a mean of six: Student's t with five degrees of freedom.
double Spread(IEnumerable<double> values) => values.ToArray() is var given && given.Average() is var mean ? 2.571 * Math.Sqrt(given.Sum(value => (value - mean) * (value - mean)) / (given.Length * (given.Length - 1))) : 0;

(double Pause, double Cost, double Spread, double GainPerMinute)[] paid = Each(moves, move => stretches.Select(trace =>
{
    RunResult before = ScheduledRun.Run(costs, trace, KnobSchedule.Fixed(move.From));
    RunResult after = ScheduledRun.Run(costs, trace, KnobSchedule.Fixed(move.To));
    var change = new KnobSchedule(move.From, [new ScheduledChange(changeAt, move.To)]);
    RunResult changing = ScheduledRun.Run(costs, trace, change);
    int Late(RunResult run) => run.Outcomes.Count(each => each.Met && each.ArrivalSeconds >= changeAt);
    return (
        Pause: changing.Windows.Sum(window => window.SwitchShare * window.Seconds),
        Cost: (double)(ScheduledRun.Run(gratis, trace, change).Outcomes.Count(each => each.Met) - changing.Outcomes.Count(each => each.Met)),
        GainPerMinute: (Late(after) - Late(before)) / ((trace.DurationSeconds - changeAt) / 60));
}).ToArray()).Select(rows => (rows.Average(row => row.Pause), rows.Average(row => row.Cost), Spread(rows.Select(row => row.Cost)), rows.Average(row => row.GainPerMinute))).ToArray();

Console.WriteLine($"{"change",-30} {"paused, s",10} {"promises lost, 95 %",20} {"gained a minute",16}  pays back after");
for (int i = 0; i < moves.Length; i++)
    Console.WriteLine($"{moves[i].Name,-30} {paid[i].Pause,10:0.00} {paid[i].Cost,11:0.0} +-{paid[i].Spread,6:0.0} {paid[i].GainPerMinute,16:0.0}  {(paid[i].GainPerMinute <= 0.05 ? "never at this load" : paid[i].Cost <= 0 ? "at once" : $"{60 * paid[i].Cost / paid[i].GainPerMinute:0} s")}");

var balance = new Plot();
double[] span = Enumerable.Range(0, 61).Select(i => i / 6.0).ToArray();
for (int i = 0; i < moves.Length; i++)
    Pictures.Line(balance, moves[i].Name, span, span.Select(minutes => (paid[i].GainPerMinute * minutes) - paid[i].Cost), Pictures.Palette[i % Pictures.Palette.Length]);
balance.Add.HorizontalLine(0, 1.5f, Pictures.Ink.WithAlpha(0.6), LinePattern.Dashed);
Pictures.Titled(balance, "promises won back by a change at the heavy load", "minutes the load lasts", "promises kept more");
balance.Axes.SetLimitsX(0, 10);
balance.ShowLegend(Edge.Right);
Pictures.Show(balance, "knobs-payback", width: 1100);

// Where a line starts below zero and climbs, the crossing is the least time the load must last. A line that never climbs is a change this
// load does not want: turning the knob back is then what pays.
