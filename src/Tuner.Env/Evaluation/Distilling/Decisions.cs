using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>What a policy saw and what it then had: the examples a table is grown on and judged by.</summary>
/// <param name="Rows">One a window: the values of <see cref="PlainField.All"/>.</param>
/// <param name="Wanted">The settings of the window that followed.</param>
internal sealed record Decisions(IReadOnlyList<double[]> Rows, IReadOnlyList<KnobSettings> Wanted)
{
    /// <summary>Collects them from runs; windows after the last arrival are left out.</summary>
    public static Decisions Of(Scenario scenario, IEnumerable<RunResult> runs)
    {
        var rows = new List<double[]>();
        var wanted = new List<KnobSettings>();
        ObservationEncoder encoder = scenario.NewEncoder();
        float[] observation = new float[ObservationSchema.FieldCount];
        foreach (RunResult run in runs)
        {
            encoder.Reset();
            double ended = 0;
            for (int i = 0; i + 1 < run.Windows.Count && (ended += run.Windows[i].Seconds) <= run.DurationSeconds; i++)
            {
                encoder.Encode(run.Windows[i], run.Settings[i], observation);
                double[] values = new double[PlainField.All.Count];
                PlainField.Read(observation, values);
                rows.Add(values);
                wanted.Add(run.Settings[i + 1]);
            }
        }

        return new Decisions(rows, wanted);
    }
}
