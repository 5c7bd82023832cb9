namespace Tuner.Agent.Ppo;

/// <summary>What one update did, as means over its minibatches.</summary>
internal readonly record struct UpdateStats(
    double PolicyLoss, double ValueLoss, double Entropy, double ApproxKl, double ClipFraction, int Minibatches, bool StoppedEarly);
