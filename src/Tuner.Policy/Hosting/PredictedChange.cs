namespace Tuner.Policy.Hosting;

/// <summary>One metric under both settings.</summary>
/// <param name="Held">Holding still.</param>
/// <param name="Changed">With the proposed settings, the cost of changing to them included.</param>
/// <param name="Low">Lower end of the 95 % interval of <see cref="Difference"/>.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct PredictedChange(double Held, double Changed, double Low, double High)
{
    /// <summary>What the change adds to the metric.</summary>
    public double Difference => Changed - Held;
}
