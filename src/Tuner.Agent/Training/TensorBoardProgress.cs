using TorchSharp;
using TorchSharp.Modules;

namespace Tuner.Agent.Training;

/// <summary>Writes training progress where TensorBoard finds it.</summary>
/// <param name="folder">The run's folder; created when missing.</param>
public sealed class TensorBoardProgress(string folder) : IProgress<TrainingProgress>
{
    private readonly SummaryWriter writer = torch.utils.tensorboard.SummaryWriter(folder);

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value.MeanReturn is double mean)
            Write("charts/mean_return", mean);
        Write("charts/steps_per_second", value.StepsPerSecond);
        Write("charts/learning_rate", value.LearningRate);
        Write("losses/approx_kl", value.ApproxKl);
        Write("losses/entropy", value.Entropy);
        Write("losses/explained_variance", value.ExplainedVariance);
        Write("losses/clip_fraction", value.ClipFraction);
        Write("losses/policy_loss", value.PolicyLoss);
        Write("losses/value_loss", value.ValueLoss);
        foreach ((string name, double measured) in value.Measured)
            Write($"environment/{name}", measured);

        void Write(string tag, double number) => writer.add_scalar(tag, (float)number, (int)Math.Min(value.Steps, int.MaxValue));
    }
}
