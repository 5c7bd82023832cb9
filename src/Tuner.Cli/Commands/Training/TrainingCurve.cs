using System.Globalization;
using System.Text;
using Tuner.Agent.Training;

namespace Tuner.Cli.Commands.Training;

/// <summary>Writes <c>training.csv</c>: an update a row.</summary>
internal static class TrainingCurve
{
    public static void Write(IReadOnlyList<TrainingProgress> history, string path)
    {
        var text = new StringBuilder("steps,mean_return,steps_per_second,approx_kl,entropy,explained_variance,clip_fraction,policy_loss,value_loss,learning_rate");
        string[] measured = [.. history.Take(1).SelectMany(row => row.Measured.Keys)];
        text.AppendLine(string.Concat(measured.Select(name => $",{name}")));
        foreach (TrainingProgress row in history)
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.Steps},{row.MeanReturn},{row.StepsPerSecond:0},{row.ApproxKl},{row.Entropy},{row.ExplainedVariance},{row.ClipFraction},{row.PolicyLoss},{row.ValueLoss},{row.LearningRate}{string.Concat(measured.Select(name => string.Create(CultureInfo.InvariantCulture, $",{row.Measured[name]}")))}");
        Shared.WriteFile(path, text.ToString());
    }
}
