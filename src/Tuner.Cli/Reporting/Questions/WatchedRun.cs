using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>A run with what its watchers saw.</summary>
/// <param name="Scenario">The cluster and its promises.</param>
/// <param name="Schedule">The settings.</param>
/// <param name="Result">The run.</param>
/// <param name="Log">What each request went through.</param>
/// <param name="Timeline">Where time went.</param>
internal sealed record WatchedRun(Scenario Scenario, KnobSchedule Schedule, RunResult Result, RequestLog Log, RunTimeline Timeline);
