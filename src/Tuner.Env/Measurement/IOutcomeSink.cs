namespace Tuner.Env.Measurement;

/// <summary>Receives what became of each request, in the order in which they end.</summary>
public interface IOutcomeSink
{
    /// <summary>Takes one outcome.</summary>
    void Add(in RequestOutcome outcome);
}
