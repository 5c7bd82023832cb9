namespace Tuner.Env.Cluster;

/// <summary>A run of steps that only decode: they differ in their growing context alone, on which time and energy depend linearly.</summary>
/// <remarks>Step j of the run, from 0, takes first + j · growth, so n of them take n · first + growth · n (n − 1) / 2.</remarks>
/// <param name="First">Seconds of the first step.</param>
/// <param name="Growth">Seconds by which each step is longer than the one before; below 0 where measurements say so.</param>
/// <param name="FirstJoules">Energy of the first step.</param>
/// <param name="JoulesGrowth">Energy by which each step takes more than the one before.</param>
/// <param name="Steps">Steps left.</param>
internal readonly record struct DecodeRun(double First, double Growth, double FirstJoules, double JoulesGrowth, int Steps)
{
    /// <summary>Seconds of the first n steps.</summary>
    public double Seconds(int n) => (n * First) + (Growth * 0.5 * n * (n - 1.0));

    /// <summary>Energy of the first n steps.</summary>
    public double Joules(int n) => (n * FirstJoules) + (JoulesGrowth * 0.5 * n * (n - 1.0));

    /// <summary>What is left after the first n steps.</summary>
    public DecodeRun After(int n) => this with { First = First + (n * Growth), FirstJoules = FirstJoules + (n * JoulesGrowth), Steps = Steps - n };

    /// <summary>The fewest steps, at least one, that last at least so long.</summary>
    public int StepsUntil(double seconds)
    {
        if (seconds <= First)
            return 1;
        double half = 0.5 * Growth;
        double b = First - half;
        double n = half == 0 ? seconds / First : (Math.Sqrt((b * b) + (4 * half * seconds)) - b) / (2 * half);
        if (!(n < 1e9)) // not a number where steps grow shorter so fast that they never last so long
            return int.MaxValue;
        int count = Math.Max(1, (int)Math.Ceiling(n));
        while (count > 1 && Seconds(count - 1) >= seconds)
            count--;
        while (Seconds(count) < seconds)
            count++;
        return count;
    }
}
