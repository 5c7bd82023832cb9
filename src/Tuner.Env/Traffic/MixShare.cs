namespace Tuner.Env.Traffic;

/// <summary>A family's part of a mix: share·(1 + drift·sin 2π(t/period + phase)), before all parts are scaled to sum to 1.</summary>
internal sealed record MixShare(string Preset, double Share, double Drift, double Phase)
{
    public double At(double seconds, double periodSeconds)
        => Share * (1 + (Drift * Math.Sin(2 * Math.PI * ((seconds / periodSeconds) + Phase))));
}
