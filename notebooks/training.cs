// The cells of training.ipynb as a program, made from it. Run it with: dotnet run -c Release notebooks/training.cs
#:project ../src/Tuner.Cli/Tuner.Cli.csproj
#:property Nullable=disable
#:property PublishAot=false

// # How is a policy trained?
//
// A policy begins with what a fixed setting and a teacher know, and PPO improves on that. This notebook runs the whole way in under a minute: small
// enough to watch, real in every part. `./tuner train` does the same with more traffic and hundreds of times the steps.
//
// It needs no GPU: networks this small learn on the processor.

using System.IO;
using ScottPlot;
using Tuner.Agent.Evaluation;
using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.Distilling;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

// ## What there is to beat
//
// The best fixed setting on the training traffic, out of a coarse grid: layouts, drafts and two batch limits, nothing lossy.

Scenario scenario = ScenarioFile.Load("llama70b-8xb200");
var costs = new EngineCostCache(scenario);
const ulong seed = 1;
TrafficTrace training = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed)).Slice(0, 3600);
KnobSettings[] grid = SustainedSearch.WithinBudget(scenario).Where(settings => settings == scenario.DefaultSettings || settings.MaxBatchLevel is 3 or 6).ToArray();
LoadedSettings best = SustainedSearch.Run(costs, training.Slice(900, 900), grid, seed)[0];

Console.WriteLine($"static-best of {grid.Length}: {KnobText.Write(scenario.Knobs, best.Settings)}");
Console.WriteLine($"it carries {best.Load * training.MeanRate:0.00} requests a second of the traffic it was found on");

// ## A teacher that sees a minute ahead
//
// The teacher tries each candidate on a copy of the cluster for six windows and keeps the best: something only a simulator allows. The apprentice, a
// network that sees what an engine's metrics endpoint tells, learns to guess the teacher's choice (DAgger, then cloning).

KnobSettings[] candidates = KnobGrid.Layouts(scenario, best.Settings).Concat(KnobGrid.Lossier(scenario, best.Settings)).Append(best.Settings).Distinct().ToArray();
var rewards = new RewardOptions();
var teacher = new LookAheadOptions { Candidates = candidates, Horizon = 6, QualityPrice = rewards.QualityPrice };
EpisodeTraffic[] sources = [new EpisodeTraffic(training, Weight: 1, MinRateScale: 0.5 * best.Load, MaxRateScale: 1.5 * best.Load)];
Lesson[] lessons = TrafficContext.Draw(sources, 4, seconds: 600, seed, "lessons").Select(context => new Lesson(costs, context.Trace, teacher, candidates)).ToArray();

// The command's own values, a larger step for a shorter run.
var options = new PpoOptions { Environments = 8, LearningRate = 3e-4, Discount = 0.98, EntropyWeight = 0.001, AnchorWeight = 0.1, CriticWarmupUpdates = 4 };
Apprentice apprentice = Apprenticeship.Run(lessons, options, seed);

Console.WriteLine($"the teacher chooses among {candidates.Length} settings, in {lessons.Length} lessons of {lessons[0].Trace.DurationSeconds / 60:0} minutes");
foreach (KnobSettings candidate in candidates)
    Console.WriteLine($"  {KnobText.Write(scenario.Knobs, candidate)}");

// ## PPO
//
// Eight environments side by side; an episode is ten minutes of traffic from a random place at a random load. The first updates teach the critic alone.

const long windows = 16_384;
var environment = new ServingEnvironmentOptions { StartSettings = candidates, RandomStartShare = 0.1, MostSavedWindows = 120 };
var trainer = new PpoTrainer(_ => new ServingEnvironment(costs, sources, environment, rewards), options, seed, apprentice);
trainer.Run(windows);

Console.WriteLine($"{"windows",8} {"return",8} {"KL",8} {"entropy",8} {"explained",10} {"clipped",8} {"value loss",11}");
foreach (TrainingProgress row in trainer.History)
    Console.WriteLine($"{row.Steps,8} {row.MeanReturn,8:0.0} {row.ApproxKl,8:0.0000} {row.Entropy,8:0.00} {row.ExplainedVariance,10:0.00} {row.ClipFraction,8:0.00} {row.ValueLoss,11:0.000}");

// The return is a mean over the last hundred episodes at random loads, so it moves with the luck of the draw; the last line plays the same episodes with both policies instead. Look for a KL below the target (dashed: an update beyond one and a half times it is cut short), an entropy that falls slowly, and a critic
// whose explained variance rises.

TrainingProgress[] history = trainer.History.ToArray();
double[] steps = history.Select(row => row.Steps / 1000.0).ToArray();
Plot Curve(string title, string left, Func<TrainingProgress, double> value, int colour)
{
    var plot = new Plot();
    Pictures.Line(plot, "", steps, history.Select(value), Pictures.Palette[colour], 2.5f);
    Pictures.Titled(plot, title, "thousand windows", left);
    plot.Axes.SetLimitsX(0, steps[^1]);
    return plot;
}

Plot divergence = Curve("how far an update moved the policy", "approximate KL, nats", row => row.ApproxKl, 3);
Pictures.Level(divergence, options.TargetKl.Value, "target");
Pictures.LegendAbove(divergence);
Pictures.Show([Curve("learning curve", "mean return of an episode", row => row.MeanReturn ?? double.NaN, 0), divergence, Curve("how undecided it is", "entropy, nats over 8 knobs", row => row.Entropy, 2), Curve("how well the critic foresees", "explained variance", row => row.ExplainedVariance, 5), Curve("value loss", "in scaled reward", row => row.ValueLoss, 1), Curve("beyond the clip range", "% of ratios", row => 100 * row.ClipFraction, 4)], "training-curves", columns: 3, height: 620);
Console.WriteLine($"explained variance went from {history[0].ExplainedVariance:0.00} to {history[^1].ExplainedVariance:0.00}, entropy from {history[0].Entropy:0.00} to {history[^1].Entropy:0.00}, the largest update moved {history.Max(row => row.ApproxKl):0.0000} nats");
(PolicyNetwork tunedNetwork, ObservationNormalizer tunedNormalizer) = trainer.ExportNetwork();
double Plays(PolicyNetwork network, ObservationNormalizer normalizer) => GreedyScore.MeanReturn(network, normalizer, new ServingEnvironment(costs, sources, environment, rewards), episodes: 16, seed + 1);
Console.WriteLine($"mean return of the same 16 episodes, always the likeliest choice: cloned {Plays(apprentice.Network, apprentice.Normalizer):0.0}, tuned {Plays(tunedNetwork, tunedNormalizer):0.0}");

// ## A day it has not seen
//
// Another seed's day, at a tenth more than the best fixed setting carries of it. *Cloned* is the apprentice before PPO, *tuned* after it. An hour holds two days of the load curve.

TrafficTrace unseen = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed + 1000)).Slice(0, 3600);
double holds = SustainedLoad.Find(costs, unseen, () => new FixedPolicy("static-best", best.Settings), seed, best.Settings, best.Load, resolution: 0.02);
TrafficTrace day = unseen.Scaled(1.1 * holds, seed);
TunerPolicy Policy(PolicyNetwork network, ObservationNormalizer normalizer) => new(network, normalizer, new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget), scenario.Knobs);

(string Name, Func<ITuningPolicy> Make)[] policies =
[
    ("static-best", () => new FixedPolicy("static-best", best.Settings)),
    ("cloned", () => Policy(apprentice.Network, apprentice.Normalizer)),
    ("tuned", () => Policy(tunedNetwork, tunedNormalizer)),
];
RunResult[] runs = policies.Select(policy => PolicyRunner.Run(costs, day, policy.Make(), best.Settings)).ToArray();

Console.WriteLine($"{"policy",-12} {"kept %",7} {"quality loss",13} {"J/token",8} {"changes",8}  kept more than static-best, points");
for (int i = 0; i < runs.Length; i++)
{
    PairedDifference more = PairedDifference.Of([runs[i]], [runs[0]], (_, _) => true, seed);
    Console.WriteLine($"{policies[i].Name,-12} {100 * runs[i].Attainment,7:0.0} {runs[i].QualityLoss,13:0.00} {runs[i].JoulesPerToken,8:0.00} {runs[i].Switches,8}  {(i == 0 ? "" : $"{100 * more.Mean:+0.0;-0.0;0.0}, 95 % [{100 * more.Low:+0.0;-0.0;0.0}, {100 * more.High:+0.0;-0.0;0.0}]")}");
}

// A training this short may well end level with the fixed setting, or below it; the interval says which. That is why `./tuner train` validates before it ships
// anything, with the fixed setting as a candidate. The picture shows where the two differ.

double[] Minutes(RunResult run, Func<WindowMetrics[], double> value) => run.Windows.Chunk(6).Select(value).ToArray();
double Kept(WindowMetrics[] minute) => minute.Sum(window => window.Completed + window.Failed) is > 0 and var ended ? 100 * minute.Sum(window => window.Attainment * (window.Completed + window.Failed)) / ended : double.NaN;
double[] clock = Enumerable.Range(0, (int)(day.DurationSeconds / 60)).Select(minute => minute + 0.5).ToArray();

var load = new Plot();
Pictures.Line(load, "", clock, Minutes(runs[0], minute => minute.Average(window => window.Arrived / window.Seconds)).Take(clock.Length), Pictures.Ink);
Pictures.Titled(load, "the day", "minutes", "requests a second");
load.Axes.SetLimitsX(0, clock.Length);
var kept = new Plot();
Pictures.Line(kept, "tuned", clock, Minutes(runs[2], Kept).Take(clock.Length), Pictures.Palette[0], 3.5f);
Pictures.Line(kept, "static-best", clock, Minutes(runs[0], Kept).Take(clock.Length), Pictures.Palette[1], 1.5f);
Pictures.Titled(kept, "promises kept", "minutes", "% of requests");
kept.Axes.SetLimits(0, clock.Length, 0, 103);
Pictures.LegendAbove(kept);
Pictures.Show([load, kept], "training-day", columns: 1, width: 1100, height: 620);

double now = 0;
Plot lanes = Pictures.Lanes(new Plot(), scenario.Knobs, runs[2].Windows.Select(window => (now += window.Seconds) / 60).ToArray(), runs[2].Settings, Pictures.Palette[0]);
Pictures.Show(Pictures.Titled(lanes, "what the tuned policy did", "minutes", ""), "training-knobs", width: 1100, height: 460);
foreach (var setting in runs[2].Settings.GroupBy(settings => settings).OrderByDescending(group => group.Count()).Take(5))
    Console.WriteLine($"{setting.Count() / (double)runs[2].Settings.Count,5:0%} of windows: {KnobText.Write(scenario.Knobs, setting.Key)}");

// ## The file
//
// What was learned is a file of a few dozen kilobytes. A serving stack reads it with `Tuner.Policy` alone, which has no torch; the test of that is that it decides the same.

string path = Path.Combine(Directory.CreateDirectory(Path.Combine(Pictures.Root, "runs", "notebooks")).FullName, "policy.tuner");
var manifest = new PolicyManifest
{
    Scenario = scenario.Name,
    Traffic = [training.Name],
    Hardware = scenario.Hardware.Name,
    Kind = "tuned",
    Seed = seed,
    Steps = trainer.Steps,
    Serving = scenario.Contract,
    Start = KnobText.Pairs(scenario.Knobs, best.Settings),
};
new PolicyFile(ObservationSchema.Version, ObservationSchema.FieldNames, KnobSpace.HeadSizes.ToArray(), tunedNormalizer, tunedNetwork, manifest).Save(path);
trainer.Dispose();

PolicyFile file = PolicyFile.Load(path, ObservationSchema.Version, ObservationSchema.FieldNames);
RunResult again = PolicyRunner.Run(costs, day, Policy(file.Network, file.Normalizer), best.Settings);
int same = runs[2].Settings.Zip(again.Settings).Count(pair => pair.First == pair.Second);
Console.WriteLine($"{new FileInfo(path).Length / 1024.0:0} KiB: trained on {file.Manifest.Scenario}, {file.Manifest.Steps} windows, seed {file.Manifest.Seed}");
Console.WriteLine($"the loaded policy chose the same settings in {same} of {runs[2].Settings.Count} windows; outcomes of all requests {(again.Outcomes.SequenceEqual(runs[2].Outcomes) ? "are equal" : "differ")}");
