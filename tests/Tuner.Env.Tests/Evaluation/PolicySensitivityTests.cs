using Tuner.Env.Scenarios;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Env.Evaluation;

public sealed class PolicySensitivityTests
{
    private const float Weight = 2;

    [Test]
    public void Of_OneWeight_IsTheSigmoidsChangeOnThatFieldAndKnobAlone()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        RunResult run = Lab.Run(scenario, Lab.Poisson(2, 2, 120, 500, 100), scenario.DefaultSettings);

        // Nothing waits: the two logits are level.
        IReadOnlyList<FieldSensitivity> found = PolicySensitivity.Of(OneWeight("waiting_log", Knob.Speculation, 1), ObservationNormalizer.None(ObservationSchema.FieldCount), scenario, run);

        double half = (1 / (1 + Math.Exp(-Weight))) - 0.5;
        Assert.That(run.Windows.Sum(window => window.Waiting), Is.Zero);
        Assert.That(found, Has.Count.EqualTo(ObservationSchema.FieldCount * KnobSpace.HeadCount));
        Assert.That((found[0].Field, found[0].Knob), Is.EqualTo(("waiting_log", Knob.Speculation)));
        Assert.That(found[0].Shift, Is.EqualTo(half).Within(1e-6));
        Assert.That(found.Skip(1).Select(each => each.Shift), Is.All.Zero);
    }

    [Test]
    public void Of_AForbiddenValue_ChangesNothing()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        RunResult run = Lab.Run(scenario, Lab.Poisson(1, 2, 120, 500, 100), scenario.DefaultSettings);

        // One GPU has no tensor-parallel layout to choose.
        IReadOnlyList<FieldSensitivity> found = PolicySensitivity.Of(OneWeight("waiting_log", Knob.Parallelism, (int)ParallelismMode.Tensor), ObservationNormalizer.None(ObservationSchema.FieldCount), scenario, run);

        Assert.That(found.Select(each => each.Shift), Is.All.Zero);
    }

    private static PolicyNetwork OneWeight(string field, Knob knob, int value)
    {
        float[] weights = new float[ObservationSchema.FieldCount * KnobSpace.LogitCount];
        weights[(KnobSpace.LogitOf(knob, value) * ObservationSchema.FieldCount) + ObservationSchema.FieldNames.ToList().IndexOf(field)] = Weight;
        return new PolicyNetwork([new DenseLayer(weights, new float[KnobSpace.LogitCount])]);
    }
}
