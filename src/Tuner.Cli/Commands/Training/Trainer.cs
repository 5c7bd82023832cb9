using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Training;

/// <summary>Trains a policy and writes <c>policy.tuner</c> and, for each course, <c>checkpoint.bin</c> and <c>training.csv</c>.</summary>
internal static class Trainer
{
    public static TrainingOutcome Run(TrainingRequest request, CancellationToken cancellation)
    {
        string policy = Path.Combine(request.Folder, "policy.tuner");
        string checkpoint = Course.CheckpointIn(request.Folder);
        if (request.Resume && !File.Exists(checkpoint))
            throw new UserErrorException($"{checkpoint}: no checkpoint to go on from; train without --resume first.");
        WarmStart start = WarmStart.Find(request.Costs, request.Traces, request.Mix, request.Rewards, request.Seed, cancellation);
        IReadOnlyList<Course> courses = start.Courses(request.Costs.Scenario, request.Folder);
        foreach (Course later in courses.Skip(1))
        {
            Directory.CreateDirectory(later.Folder);
            if (!request.Resume)
                File.Delete(later.CheckpointPath); // or a later --resume might go on from another run's
        }

        var outcomes = new List<CourseOutcome>();
        foreach (Course course in courses)
        {
            CourseOutcome outcome = CourseRun.Run(course, request, start, cancellation);
            outcomes.Add(outcome);
            if (outcome.Interrupted)
                return new TrainingOutcome(outcome.Steps, true, course.CheckpointPath, policy, outcome.History);
        }

        PolicyFile shipped = Shipping.Run(outcomes, request, start, cancellation);
        shipped.Save(policy);
        return new TrainingOutcome(outcomes[0].Steps, false, checkpoint, policy, outcomes[0].History);
    }

    /// <summary>A policy ready to run, from its file.</summary>
    public static TunerPolicy Load(Scenario scenario, PolicyFile file) => scenario.PolicyOf(file.Network, file.Normalizer);

    /// <summary>The settings a policy begins with.</summary>
    public static KnobSettings StartOf(Scenario scenario, PolicyFile file)
    {
        var problems = new List<string>();
        KnobSettings settings = KnobText.Parse(scenario.Knobs, scenario.DefaultSettings, file.Manifest.Start, problems);
        return problems.Count == 0 && scenario.Fits(settings) ? settings : scenario.DefaultSettings;
    }
}
