using Tuner.Env.Measurement;
using Tuner.Env.Traffic;

namespace Tuner.Env.Evaluation;

/// <summary>Collects one outcome for every request of a trace.</summary>
internal sealed class OutcomeTable(TrafficTrace trace) : IOutcomeSink
{
    private readonly RequestOutcome[] outcomes = new RequestOutcome[trace.Count];
    private readonly bool[] ended = new bool[trace.Count];

    public void Add(in RequestOutcome outcome)
    {
        if (ended[outcome.Request])
            throw new InvalidOperationException($"Request {outcome.Request} ended twice, at {outcomes[outcome.Request].EndSeconds} s and {outcome.EndSeconds} s.");
        ended[outcome.Request] = true;
        outcomes[outcome.Request] = outcome;
    }

    /// <summary>The outcomes; what never ended counts as missed.</summary>
    public RequestOutcome[] Finish()
    {
        for (int i = 0; i < outcomes.Length; i++)
        {
            if (!ended[i])
                outcomes[i] = RequestOutcome.Refused(trace, i, trace.Arrivals[i], double.PositiveInfinity, RequestEnding.Unfinished);
        }

        return outcomes;
    }
}
