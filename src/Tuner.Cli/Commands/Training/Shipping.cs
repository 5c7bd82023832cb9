using Tuner.Cli.Reporting;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>Makes the policy file of what validates best.</summary>
internal static class Shipping
{
    public static PolicyFile Run(IReadOnlyList<CourseOutcome> courses, TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        Scenario scenario = request.Costs.Scenario;
        Candidate[] candidates = [.. Candidates(courses, start)];
        IReadOnlyList<HeldOutTraffic> sources = start.Mix.HeldOut;
        double[][] scores = LiveProgress.Run("validating", report => Validation.Score(request.Costs, sources, [.. candidates, Candidate.Fixed("default", scenario.DefaultSettings)], request.Seed, report, cancellation));
        double[] means = [.. scores.Select(row => Validation.Mean(row, sources))];
        int shipped = Validation.Choose(scores[..candidates.Length], sources);
        ValidationTable.Write([.. candidates.Select(candidate => candidate.Name), "default"], sources, scores, means, shipped);
        Candidate chosen = candidates[shipped];
        var manifest = new PolicyManifest
        {
            Scenario = scenario.Name,
            Traffic = request.TrafficNames,
            Mix = start.Mix.Names,
            Kind = chosen.Kind,
            Hardware = scenario.Hardware.Name,
            Seed = request.Seed,
            Steps = chosen.Course?.Steps ?? 0,
            Serving = scenario.Contract,
            Generalist = KnobText.Pairs(scenario.Knobs, start.Portfolio.Generalist),
            Start = KnobText.Pairs(scenario.Knobs, chosen.Start),
            Version = typeof(Shipping).Assembly.GetName().Version?.ToString(3) ?? "",
            Scores = new Dictionary<string, double>
            {
                ["meanReturn"] = chosen.Course is { History: [.., { MeanReturn: double mean }] } ? mean : 0,
                ["validatedLoadOverStaticBest"] = means[shipped],
                ["validatedLoadOverDefault"] = means[shipped] / means[^1],
            },
        };
        return new PolicyFile(ObservationSchema.Version, ObservationSchema.FieldNames, KnobSpace.HeadSizes.ToArray(), chosen.Normalizer, chosen.Network, manifest);
    }

    /// <summary>What could be shipped, the safest first.</summary>
    private static IEnumerable<Candidate> Candidates(IReadOnlyList<CourseOutcome> courses, WarmStart start)
    {
        yield return Candidate.Fixed("static-best", start.StaticBest);
        yield return Candidate.Fixed("generalist", start.Portfolio.Generalist);
        foreach (CourseOutcome course in courses.Skip(1))
        {
            foreach (Candidate candidate in course.Candidates($"in {Layout(start.StaticBest)}", start.StaticBest))
                yield return candidate;
        }

        foreach (KnobSettings settings in new[] { start.StaticBest, start.Portfolio.Generalist }.DistinctBy(settings => settings.Parallelism))
        {
            foreach (Candidate candidate in courses[0].Candidates($"from {Layout(settings)}", settings))
                yield return candidate;
        }
    }

    private static string Layout(in KnobSettings settings) => settings.Parallelism.ToString().ToLowerInvariant();
}
