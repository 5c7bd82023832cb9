// The cells of policy-analysis.ipynb as a program, made from it. Run it with: dotnet run -c Release notebooks/policy-analysis.cs
#:project ../src/Tuner.Cli/Tuner.Cli.csproj
#:property Nullable=disable
#:property PublishAot=false

// # What does a policy do, and why?
//
// A trained policy is a file. This notebook runs it against simpler rivals on traffic it has not seen, shows what it turned and
// when, asks which fields of the observation move its mind and which way, and boils it down to a table a person can read.
//
// It takes the policy `./tuner demo` writes to `runs/demo`, or else the one that ships for the same scenario. For another, change `path`.

using System.IO;
using ScottPlot;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.Distilling;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

// ## The policy
//
// *Kind* says what validation chose to ship: what PPO *tuned*, what was *cloned* from the teacher, or *fixed* settings where neither was better.

string demo = Path.Combine(Pictures.Root, "runs", "demo", "policy.tuner");
string path = File.Exists(demo) ? demo : Path.Combine(Pictures.Root, "policies", "llama70b-8xb200.tuner");
PolicyFile file = PolicyFile.Load(path, ObservationSchema.Version, ObservationSchema.FieldNames);
Scenario scenario = ScenarioFile.Load(file.Manifest.Scenario);
var costs = new EngineCostCache(scenario);
KnobSettings Settings(IReadOnlyDictionary<string, string> pairs) => KnobText.Parse(scenario.Knobs, scenario.DefaultSettings, pairs, new List<string>());
KnobSettings start = Settings(file.Manifest.Start);
TunerPolicy Policy() => new(file.Network, file.Normalizer, new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget), scenario.Knobs);

Console.WriteLine($"{Path.GetFileName(path)}: {(file.Manifest.Kind.Length > 0 ? file.Manifest.Kind : "of unknown kind")}, trained on {file.Manifest.Scenario} ({string.Join(", ", file.Manifest.Traffic)}), {file.Manifest.Steps} windows, seed {file.Manifest.Seed}");
Console.WriteLine($"starts with {KnobText.Write(scenario.Knobs, start)}");
Console.WriteLine($"{scenario.Name}: {scenario.Model.Name} on {scenario.Gpus} x {scenario.Hardware.Name}; first token in {scenario.Objective.TtftSeconds} s + {1000 * scenario.Objective.TtftSecondsPerPromptToken} ms a prompt token, then {1000 * scenario.Objective.TpotSeconds} ms a token");

// ## An hour it has not seen
//
// Another seed's day of mixed traffic, two days of its load curve, at a tenth more than the policy's first settings carry on their own. Its rivals:
//
// - *default*: the engine out of the box, never touched.
// - *start*: the policy's first settings, never touched. What the policy adds is the difference to this one.
// - *talk-rules*: a layout for each kind of traffic, by the five-row table.

TrafficTrace hour = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 1001)).Slice(0, 3600);
double holds = SustainedLoad.Find(costs, hour, () => new FixedPolicy("start", start), seed: 1, start, resolution: 0.03);
TrafficTrace trace = hour.Scaled(1.1 * holds, seed: 1);
(ITuningPolicy Policy, KnobSettings Start)[] policies =
[
    (Policy(), start),
    (new FixedPolicy("start", start), start),
    (new FixedPolicy("default", scenario.DefaultSettings), scenario.DefaultSettings),
    (new TalkRulesPolicy(scenario), scenario.DefaultSettings),
];
RunResult[] runs = policies.Select(each => PolicyRunner.Run(costs, trace, each.Policy, each.Start)).ToArray();

string Points(PairedDifference difference) => $"{100 * difference.Mean:+0.0;-0.0;0.0} points, 95 % [{100 * difference.Low:+0.0;-0.0;0.0}, {100 * difference.High:+0.0;-0.0;0.0}]";
Console.WriteLine($"{trace.Count} requests in {trace.DurationSeconds / 60:0} minutes, {trace.MeanRate:0.00} a second");
Console.WriteLine($"{"policy",-12} {"kept %",7} {"quality loss",13} {"J/token",8} {"changes",8}  the policy kept more by");
foreach (RunResult run in runs)
    Console.WriteLine($"{run.Policy,-12} {100 * run.Attainment,7:0.0} {run.QualityLoss,13:0.00} {run.JoulesPerToken,8:0.00} {run.Switches,8}  {(run == runs[0] ? "" : Points(PairedDifference.Of([runs[0]], [run], (_, _) => true, seed: 1)))}");

// ## Promises kept, minute by minute
//
// What matters is *when* a policy misses: a burst everybody misses says the cluster is too small, a burst only one misses says how it was run.

double[] ByMinute(RunResult run, Func<WindowMetrics[], double> value) => run.Windows.Chunk(6).Select(value).Take((int)(trace.DurationSeconds / 60)).ToArray();
double Kept(WindowMetrics[] minute) => minute.Sum(window => window.Completed + window.Failed) is > 0 and var ended ? 100 * minute.Sum(window => window.Attainment * (window.Completed + window.Failed)) / ended : double.NaN;

var arrivals = new Plot();
double[] rate = ByMinute(runs[0], minute => minute.Average(window => window.Arrived / window.Seconds));
double[] clock = Enumerable.Range(0, rate.Length).Select(minute => minute + 0.5).ToArray();
Pictures.Line(arrivals, "", clock, rate, Pictures.Ink);
Pictures.Titled(arrivals, "arrivals", "minutes", "requests a second");
arrivals.Axes.SetLimits(0, clock.Length, 0, 1.1 * rate.Max());
var kept = new Plot();
for (int i = 0; i < runs.Length; i++)
    Pictures.Line(kept, runs[i].Policy, clock, ByMinute(runs[i], Kept), Pictures.Palette[i], i == 0 ? 3.5f : 1.5f);
Pictures.Titled(kept, "promises kept", "minutes", "% of requests that ended");
kept.Axes.SetLimits(0, clock.Length, 0, 103);
Pictures.LegendAbove(kept);
Pictures.Show([arrivals, kept], "policy-day", columns: 1, width: 1100, height: 640);

for (int i = 1; i < runs.Length; i++)
{
    (double[] own, double[] rival) = (ByMinute(runs[0], Kept), ByMinute(runs[i], Kept));
    Console.WriteLine($"against {runs[i].Policy,-10}: better in {own.Zip(rival).Count(pair => pair.First > pair.Second + 0.5)} minutes, worse in {own.Zip(rival).Count(pair => pair.First < pair.Second - 0.5)}, alike in {own.Zip(rival).Count(pair => !(Math.Abs(pair.First - pair.Second) > 0.5))}");
}

// ## What was turned, and when
//
// One lane a knob, scaled to the values that occur. Read it below the arrivals: which knobs follow the load, and which stay?

double now = 0;
double[] ends = runs[0].Windows.Select(window => (now += window.Seconds) / 60).ToArray();
Plot lanes = Pictures.Lanes(new Plot(), scenario.Knobs, ends, runs[0].Settings, Pictures.Palette[0]);
Pictures.Show(Pictures.Titled(lanes, $"what the policy turned ({runs[0].Switches} changes)", "minutes", ""), "policy-knobs", width: 1100, height: 480);

Console.WriteLine($"{runs[0].Policy} starts with {KnobText.Write(scenario.Knobs, runs[0].Settings[0])}");
foreach (Knob knob in Enum.GetValues<Knob>())
{
    int changes = runs[0].Settings.Zip(runs[0].Settings.Skip(1)).Count(pair => pair.First[knob] != pair.Second[knob]);
    var values = runs[0].Settings.GroupBy(settings => KnobText.Pairs(scenario.Knobs, settings).GetValueOrDefault(Pictures.Key(knob), "")).OrderByDescending(group => group.Count());
    Console.WriteLine($"{Pictures.Key(knob),-15} {changes,4} changes: {string.Join(", ", values.Select(group => $"{group.Key} in {group.Count() / (double)runs[0].Settings.Count:0%}"))}");
}

// Mean of what was seen just before a knob was turned to a value, beside the mean over all windows.
double Load(int window) => runs[0].Windows[window].Arrived / runs[0].Windows[window].Seconds;
double Queue(int window) => runs[0].Windows[window].Waiting;
foreach (var turned in Enumerable.Range(1, runs[0].Settings.Count - 1).SelectMany(i => Enum.GetValues<Knob>().Where(knob => runs[0].Settings[i][knob] != runs[0].Settings[i - 1][knob]).Select(knob => (Window: i - 1, To: $"{Pictures.Key(knob)}={KnobText.Pairs(scenario.Knobs, runs[0].Settings[i]).GetValueOrDefault(Pictures.Key(knob), "")}"))).GroupBy(each => each.To).OrderByDescending(group => group.Count()).Take(12))
    Console.WriteLine($"  {turned.Count(),3} x {turned.Key,-24} after windows with {turned.Average(each => Load(each.Window)):0.0} requests/s and {turned.Average(each => Queue(each.Window)):0.0} waiting (all windows: {Enumerable.Range(0, ends.Length).Average(Load):0.0} and {Enumerable.Range(0, ends.Length).Average(Queue):0.0})");

// ## What each knob is worth to it
//
// The same run with one knob taken away: held where the policy began. A knob whose bar crosses zero it could do without, on this traffic.

Knob[] knobs = Enum.GetValues<Knob>().Where(knob => runs[0].Settings.Any(settings => settings[knob] != start[knob])).ToArray();
PairedDifference[] worth = knobs.Select(knob => PairedDifference.Of([runs[0]], [PolicyRunner.Run(costs, trace, new HeldKnobPolicy(Policy(), knob, start[knob]), start)], (_, _) => true, seed: 1)).ToArray();
for (int i = 0; i < knobs.Length; i++)
    Console.WriteLine($"{Pictures.Key(knobs[i]),-15} {Points(worth[i])}");
if (knobs.Length == 0)
    Console.WriteLine("no knob left its first value");
else
{
    var ablation = new Plot();
    for (int i = 0; i < knobs.Length; i++)
    {
        var interval = ablation.Add.Line(100 * worth[i].Low, knobs.Length - i, 100 * worth[i].High, knobs.Length - i);
        interval.LineWidth = 3;
        interval.Color = Pictures.Palette[0];
        ablation.Add.Marker(100 * worth[i].Mean, knobs.Length - i, MarkerShape.FilledCircle, 12, Pictures.Palette[0]);
    }

    ablation.Add.VerticalLine(0, 1.5f, Pictures.Ink.WithAlpha(0.6), LinePattern.Dashed);
    ablation.Axes.Left.SetTicks(knobs.Select((_, i) => (double)(knobs.Length - i)).ToArray(), knobs.Select(Pictures.Key).ToArray());
    ablation.Axes.SetLimitsY(0.4, knobs.Length + 0.6);
    Pictures.Titled(ablation, "promises lost when a knob is taken away (bar: 95 % interval)", "points of promises kept", "");
    Pictures.Show(ablation, "policy-knob-worth", height: 140 + (44 * knobs.Length));
}

// ## What moves its mind
//
// Each normalised field that moved during the run is nudged by one deviation, alone, on every window of the run. The number is the probability that changes
// hands between the values of a knob: 0 means the field does not matter there, 1 means that it decides. Small numbers everywhere and no change above belong together: the network has
// learned to hold one setting. Large numbers with no change say that it came close.

var encoder = new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget);
float[][] seen = runs[0].Windows.Select((window, i) =>
{
    float[] observation = new float[ObservationSchema.FieldCount];
    encoder.Encode(window, runs[0].Settings[i], observation);
    file.Normalizer.Apply(observation, observation);
    return observation;
}).ToArray();

// Fields that never moved in this run are left out: what the network would do with another value was not tried here.
HashSet<string> moving = Enumerable.Range(0, ObservationSchema.FieldCount).Where(field => seen.Select(observation => observation[field]).Distinct().Count() > 1).Select(field => ObservationSchema.FieldNames[field]).ToHashSet();
FieldSensitivity[] sensitivity = PolicySensitivity.Of(file.Network, file.Normalizer, scenario, runs[0]).Where(each => moving.Contains(each.Field)).ToArray();
string[] fields = sensitivity.GroupBy(each => each.Field).OrderByDescending(group => group.Max(each => each.Shift)).Select(group => group.Key).Take(16).ToArray();
Knob[] all = Enum.GetValues<Knob>();
double[,] shift = new double[fields.Length, all.Length];
foreach (FieldSensitivity each in sensitivity.Where(each => fields.Contains(each.Field)))
    shift[Array.IndexOf(fields, each.Field), (int)each.Knob] = each.Shift;
var heat = new Plot();
var map = heat.Add.Heatmap(shift);
map.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
map.ManualRange = new ScottPlot.Range(0, Math.Max(0.05, sensitivity[0].Shift));
for (int row = 0; row < fields.Length; row++)
    for (int column = 0; column < all.Length; column++)
        if (shift[row, column] >= 0.005)
        {
            var label = heat.Add.Text($"{shift[row, column]:0.00}", column, fields.Length - 1 - row);
            label.LabelAlignment = Alignment.MiddleCenter;
            label.LabelFontColor = shift[row, column] > 0.6 * map.ManualRange.Value.Max ? Colors.White : Pictures.Ink;
        }

heat.Axes.Left.SetTicks(fields.Select((_, i) => (double)(fields.Length - 1 - i)).ToArray(), fields);
heat.Axes.Bottom.SetTicks(all.Select((_, i) => (double)i).ToArray(), all.Select(Pictures.Key).ToArray());
heat.Axes.SetLimits(-0.5, all.Length - 0.5, -0.5, fields.Length - 0.5);
Pictures.Titled(heat, "probability that changes hands when a field moves by one deviation", "", "");
heat.HideGrid();
Pictures.Show(heat, "policy-sensitivity", width: 1100, height: 620);
foreach (FieldSensitivity each in sensitivity.Take(12))
    Console.WriteLine($"{each.Shift,6:0.000}  {each.Field,-22} -> {Pictures.Key(each.Knob)}");

// ## And which way
//
// For the strongest pairs: how likely each window's choice becomes *the knob at its higher values* as the field alone goes from two deviations below to two above. A rising line says *more
// of this field, more of that knob*. For a ladder the higher value is *up*.

double Higher(float[] observation, Knob knob)
{
    float[] logits = new float[KnobSpace.LogitCount];
    file.Network.Forward(observation, logits);
    double[] weights = Enumerable.Range(0, KnobSpace.HeadSizes[(int)knob]).Select(value => Math.Exp(logits[KnobSpace.LogitOf(knob, value)])).ToArray();
    return weights.Select((weight, value) => value * weight).Sum() / weights.Sum() / (weights.Length - 1);
}

double[] nudges = Enumerable.Range(-8, 17).Select(i => i / 4.0).ToArray();
FieldSensitivity[] strongest = sensitivity.Where(each => each.Knob != Knob.Parallelism).Take(6).ToArray();
var ways = new Plot();
for (int i = 0; i < strongest.Length; i++)
{
    int field = ObservationSchema.FieldNames.ToList().IndexOf(strongest[i].Field);
    double[] response = nudges.Select(nudge => seen.Average(observation =>
    {
        float[] moved = (float[])observation.Clone();
        moved[field] += (float)nudge;
        return 100 * Higher(moved, strongest[i].Knob);
    })).ToArray();
    Pictures.Line(ways, $"{strongest[i].Field} on {Pictures.Key(strongest[i].Knob)}", nudges, response, Pictures.Palette[i]);
    Console.WriteLine($"{strongest[i].Field,-22} from -2 to +2 deviations: {Pictures.Key(strongest[i].Knob)} {response[0],3:0} % -> {response[^1],3:0} %");
}

Pictures.Titled(ways, "what the network wants, before the mask forbids what may not be", "deviations the field is moved by", "% towards the higher value");
ways.Axes.SetLimits(-2, 2, -2, 102);
ways.ShowLegend(Edge.Right);
Pictures.Show(ways, "policy-response", width: 1100);

// Fields that move together in real traffic are nudged one at a time here, so read these as what the network reacts to, not as
// what causes what.
//
// ## The policy as a table
//
// A small decision tree imitates the policy: grown on two other stretches of traffic at three loads, judged on the hour above at the same loads. *Agrees* is how often the policy did want what
// the row says; the lines below say what is lost when the table drives the cluster in the policy's place.

double[] loads = [0.7, 1, 1.2];
TrafficTrace other = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 2001)).Slice(0, 1800);
TrafficTrace[] At(TrafficTrace traffic) => loads.Select(load => traffic.Scaled(load * holds, seed: 1)).ToArray();
DistilledTable table = new PolicyDistiller(costs, Policy, start).Distill(At(other), At(hour.Slice(0, 1800)), seed: 1);

string Number(double value) => Math.Abs(value) >= 100 ? $"{value:#,0}" : $"{value:0.##}";
string Condition(RowCondition each) => (double.IsFinite(each.Above) ? $"{Number(each.Above)} < " : "") + each.Field.Name + (double.IsFinite(each.UpTo) ? $" <= {Number(each.UpTo)}" : "");
foreach (DistilledRow row in table.Rows.OrderByDescending(row => row.Windows))
{
    string changed = string.Join(", ", KnobText.Pairs(scenario.Knobs, row.Settings).Except(KnobText.Pairs(scenario.Knobs, start)).Select(pair => $"{pair.Key}={pair.Value}"));
    Console.WriteLine($"{row.Windows,5:0%} of windows, agrees in {(row.Windows > 0 ? $"{row.Agreement:0%}" : "–"),4}: {(row.Conditions.Count == 0 ? "always" : "when " + string.Join(" and ", row.Conditions.Select(Condition)))}");
    Console.WriteLine($"      then {(changed.Length == 0 ? "the first settings" : changed)}");
}

Console.WriteLine($"on {table.Windows} held-out windows the table says what the policy did in {table.Fidelity:0.0%}; one fixed setting in {table.Constant:0.0%}");
Console.WriteLine($"driving the cluster it keeps {table.TableKept:0.0%} of promises, the policy {table.PolicyKept:0.0%}: {Points(table.Difference)}; quality loss {table.TableQualityLoss:0.00} and {table.PolicyQualityLoss:0.00} points");
Console.WriteLine(table.Fidelity > table.Constant + 0.02 ? "the table explains more than a constant does" : "the table explains no more than a constant does: rules this small do not catch what the policy reacts to");

// ## Beside the five-row table
//
// A talk's advice, row by row: where it held, whether the policy did as advised, and what following the advice there would have been worth.

foreach (TalkFinding finding in table.Talk)
    Console.WriteLine($"{finding.Row,-14} held in {finding.Held,4:0%} of windows; {(double.IsNaN(finding.Agreed) ? "no layout to follow there" : $"the policy agreed in {finding.Agreed:0%}")}{(finding.WorthOverall is { } overall ? $"; following it: {Points(overall)}, {(overall.High < 0 ? "worse than the policy" : overall.Low > 0 ? "better than the policy" : "level with the policy")}" : "")}");
