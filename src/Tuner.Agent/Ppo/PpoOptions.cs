using System.ComponentModel.DataAnnotations;

namespace Tuner.Agent.Ppo;

/// <summary>How PPO learns. The defaults work out of the box; sources are named where they come from a paper.</summary>
public sealed class PpoOptions
{
    /// <summary>Environments stepped side by side.</summary>
    /// <value>8 by default. Changing it changes the run.</value>
    [Range(1, 4096)]
    public int Environments { get; set; } = 8;

    /// <summary>Threads that step environments.</summary>
    /// <value>0 by default: one a processor. Any number gives the same run.</value>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Steps of each environment between updates.</summary>
    /// <value>128 by default, as in the PPO paper's Atari runs.</value>
    [Range(2, 1_000_000)]
    public int RolloutSteps { get; set; } = 128;

    /// <summary>Steps in one minibatch.</summary>
    /// <value>256 by default; at most <see cref="Environments"/> × <see cref="RolloutSteps"/>.</value>
    [Range(2, 10_000_000)]
    public int MinibatchSize { get; set; } = 256;

    /// <summary>Passes over a rollout.</summary>
    /// <value>10 by default, as in the PPO paper's continuous-control runs.</value>
    [Range(1, 100)]
    public int Epochs { get; set; } = 10;

    /// <summary>Adam's step size.</summary>
    /// <value>0.0003 by default, as in the PPO paper.</value>
    [Range(1e-8, 1.0)]
    public double LearningRate { get; set; } = 3e-4;

    /// <summary>Whether the learning rate falls linearly to 0 over the run.</summary>
    /// <value>True by default.</value>
    public bool AnnealLearningRate { get; set; } = true;

    /// <summary>What a reward one step later is worth, γ.</summary>
    /// <value>0.99 by default.</value>
    [Range(0.0, 1.0)]
    public double Discount { get; set; } = 0.99;

    /// <summary>Bias against variance in advantage estimates, λ.</summary>
    /// <value>0.95 by default, as in the GAE paper.</value>
    [Range(0.0, 1.0)]
    public double Lambda { get; set; } = 0.95;

    /// <summary>How far an update may move the probability of an action, as a ratio.</summary>
    /// <value>0.2 by default, as in the PPO paper. Lower it when <c>approx_kl</c> stays above 0.02.</value>
    [Range(0.01, 0.5)]
    public double ClipRange { get; set; } = 0.2;

    /// <summary>How far an update may move a value, in scaled reward; null for no limit.</summary>
    /// <value>Null by default: Andrychowicz et al. (arXiv:2006.05990) found that clipping values hurts.</value>
    [Range(1e-6, 1e6)]
    public double? ValueClipRange { get; set; }

    /// <summary>Weight of the entropy bonus, which is summed over heads.</summary>
    /// <value>0.01 by default. Lower it when there are many heads.</value>
    [Range(0.0, 1.0)]
    public double EntropyWeight { get; set; } = 0.01;

    /// <summary>Whether the entropy bonus falls linearly to 0 over the run.</summary>
    /// <value>False by default.</value>
    public bool AnnealEntropy { get; set; }

    /// <summary>Weight of the value loss.</summary>
    /// <value>0.5 by default.</value>
    [Range(0.0, 10.0)]
    public double ValueWeight { get; set; } = 0.5;

    /// <summary>Longest gradient; longer ones are shortened to it.</summary>
    /// <value>0.5 by default.</value>
    [Range(1e-6, 1e6)]
    public double MaxGradientNorm { get; set; } = 0.5;

    /// <summary>An update stops when its approximate KL divergence exceeds 1.5 times this; null for never.</summary>
    /// <value>0.02 by default.</value>
    [Range(1e-6, 10.0)]
    public double? TargetKl { get; set; } = 0.02;

    /// <summary>Whether advantages have mean 0 and deviation 1 in each minibatch.</summary>
    /// <value>True by default.</value>
    public bool NormalizeAdvantages { get; set; } = true;

    /// <summary>Whether observations are brought to mean 0 and variance 1; what was measured is part of the policy.</summary>
    /// <value>True by default.</value>
    public bool NormalizeObservations { get; set; } = true;

    /// <summary>Largest size of a normalised observation.</summary>
    /// <value>10 by default.</value>
    [Range(0.1, 1e6)]
    public double ObservationClip { get; set; } = 10;

    /// <summary>Whether rewards are divided by the deviation of the discounted return.</summary>
    /// <value>True by default.</value>
    public bool ScaleRewards { get; set; } = true;

    /// <summary>Largest size of a scaled reward.</summary>
    /// <value>10 by default.</value>
    [Range(0.1, 1e6)]
    public double RewardClip { get; set; } = 10;

    /// <summary>Widths of the hidden layers, for actor and critic alike.</summary>
    /// <value>64, 64 by default.</value>
    public int[] HiddenLayers { get; set; } = [64, 64];

    /// <summary>Logits the untrained policy gives each value of each head, head after head; null for none.</summary>
    /// <value>Null by default. Start from what is known to work, such as the best fixed setting, and learn where to leave it.</value>
    public float[]? InitialLogits { get; set; }

    /// <summary>Weight of the distance to the apprentice training began with, KL(apprentice ‖ policy); without one it has no effect.</summary>
    /// <value>0.05 by default: enough that a rollout's noise does not undo what was cloned, little against a real advantage (cf. Kickstarting, arXiv:1803.03835).</value>
    [Range(0.0, 100.0)]
    public double AnchorWeight { get; set; } = 0.05;

    /// <summary>First updates that teach the critic alone: an untaught critic's advantages would unlearn a good start.</summary>
    /// <value>0 by default.</value>
    [Range(0, 100_000)]
    public int CriticWarmupUpdates { get; set; }

    /// <summary>Where updates are computed: <c>cpu</c> or <c>cuda</c>. Rollouts always run on the processor.</summary>
    /// <value><c>cpu</c> by default; networks this small gain nothing from a GPU.</value>
    public string Device { get; set; } = "cpu";

    /// <summary>Everything wrong with these options, one sentence each; empty when all is well.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(Environments is >= 1 and <= 4096, $"Environments is {Environments}; 1 to 4096 are possible.");
        Require(Threads is >= 0 and <= 1024, $"Threads is {Threads}; 0 (one a processor) to 1024 are possible.");
        Require(RolloutSteps is >= 2 and <= 1_000_000, $"RolloutSteps is {RolloutSteps}; 2 to 1000000 are possible.");
        Require(
            MinibatchSize >= 2 && MinibatchSize <= (long)Environments * RolloutSteps,
            $"MinibatchSize is {MinibatchSize}; 2 to {(long)Environments * RolloutSteps} (Environments × RolloutSteps) are possible.");
        Require(Epochs is >= 1 and <= 100, $"Epochs is {Epochs}; 1 to 100 are possible.");
        Require(LearningRate is >= 1e-8 and <= 1, $"LearningRate is {LearningRate}; 1e-8 to 1 are possible.");
        Require(Discount is >= 0 and <= 1, $"Discount is {Discount}; 0 to 1 are possible.");
        Require(Lambda is >= 0 and <= 1, $"Lambda is {Lambda}; 0 to 1 are possible.");
        Require(ClipRange is >= 0.01 and <= 0.5, $"ClipRange is {ClipRange}; 0.01 to 0.5 are possible.");
        Require(ValueClipRange is null or (>= 1e-6 and <= 1e6), $"ValueClipRange is {ValueClipRange}; 1e-6 to 1e6, or null, are possible.");
        Require(EntropyWeight is >= 0 and <= 1, $"EntropyWeight is {EntropyWeight}; 0 to 1 are possible.");
        Require(ValueWeight is >= 0 and <= 10, $"ValueWeight is {ValueWeight}; 0 to 10 are possible.");
        Require(MaxGradientNorm is >= 1e-6 and <= 1e6, $"MaxGradientNorm is {MaxGradientNorm}; 1e-6 to 1e6 are possible.");
        Require(TargetKl is null or (>= 1e-6 and <= 10), $"TargetKl is {TargetKl}; 1e-6 to 10, or null, are possible.");
        Require(ObservationClip is >= 0.1 and <= 1e6, $"ObservationClip is {ObservationClip}; 0.1 to 1e6 are possible.");
        Require(RewardClip is >= 0.1 and <= 1e6, $"RewardClip is {RewardClip}; 0.1 to 1e6 are possible.");
        Require(
            HiddenLayers is not null && HiddenLayers.All(width => width is >= 1 and <= 4096),
            $"HiddenLayers is [{string.Join(", ", HiddenLayers ?? [])}]; each width is 1 to 4096.");
        Require(AnchorWeight is >= 0 and <= 100, $"AnchorWeight is {AnchorWeight}; 0 to 100 are possible.");
        Require(CriticWarmupUpdates is >= 0 and <= 100_000, $"CriticWarmupUpdates is {CriticWarmupUpdates}; 0 to 100000 are possible.");
        Require(Device is "cpu" or "cuda", $"Device is {Device}; cpu and cuda are possible.");
        return problems;

        void Require(bool holds, string otherwise)
        {
            if (!holds)
                problems.Add(otherwise);
        }
    }

    /// <summary>Throws unless all is well.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message has every problem, one a line.</exception>
    public void Validate()
    {
        IReadOnlyList<string> problems = Problems();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join('\n', problems));
    }
}
