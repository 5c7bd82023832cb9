using Tuner.Policy.Hosting;

namespace Tuner.WhatIf.Tests;

/// <summary>A prediction and what a longer run on the traffic itself came to.</summary>
/// <param name="Name">Scenario, traffic, load and change.</param>
/// <param name="Predicted">The prediction.</param>
/// <param name="Held">What came of holding still.</param>
/// <param name="Changed">What came of the change.</param>
internal sealed record TruthCase(string Name, PredictedEffect Predicted, StretchResult Held, StretchResult Changed)
{
    /// <summary>Whether the predicted attainment moves the way it really did; null where it hardly moved.</summary>
    public bool? AttainmentAgrees => Agrees(Predicted.Attainment.Difference, Changed.Attainment - Held.Attainment, 0.01);

    public bool? TpotAgrees => Agrees(Predicted.TpotP90.Difference, Changed.TpotP90 - Held.TpotP90, 0.03 * Held.TpotP90);

    public bool? TtftAgrees => Agrees(Predicted.TtftP90.Difference, Changed.TtftP90 - Held.TtftP90, 0.1 * Held.TtftP90);

    public bool? EnergyAgrees => Agrees(Predicted.JoulesPerToken.Difference, Changed.JoulesPerToken - Held.JoulesPerToken, 0.02 * Held.JoulesPerToken);

    public bool? QualityAgrees => Agrees(Predicted.QualityLoss.Difference, Changed.QualityLoss - Held.QualityLoss, 0.001);

    private static bool? Agrees(double predicted, double real, double least) => Math.Abs(real) > least ? Math.Sign(predicted) == Math.Sign(real) : null;
}
