namespace Tuner.Env.Traffic;

/// <summary>How the load moves, relative to its mean, over and over.</summary>
/// <param name="StepSeconds">Seconds between values.</param>
/// <param name="Smooth">Whether the load glides between values; otherwise each holds for its step.</param>
/// <param name="Values">The values, of mean 1.</param>
internal sealed record RateCurve(double StepSeconds, bool Smooth, double[] Values)
{
    public double At(double seconds)
    {
        double place = seconds / StepSeconds;
        int index = (int)(place % Values.Length);
        double low = Values[index];
        return Smooth ? low + ((place - Math.Floor(place)) * (Values[(index + 1) % Values.Length] - low)) : low;
    }
}
