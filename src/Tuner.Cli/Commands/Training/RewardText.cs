using System.Globalization;
using Tuner.Env.Rewards;

namespace Tuner.Cli.Commands.Training;

/// <summary>Reads weights of the reward from words such as <c>miss=2 waiting=0</c>.</summary>
internal static class RewardText
{
    private static readonly Dictionary<string, Action<RewardOptions, double>> Weights = new()
    {
        ["miss"] = (options, value) => options.MissWeight = value,
        ["waiting"] = (options, value) => options.WaitingWeight = value,
        ["switching"] = (options, value) => options.SwitchWeight = value,
        ["latency"] = (options, value) => options.LatencyWeight = value,
        ["quality-plenty"] = (options, value) => options.PlentyQualityPrice = value,
        ["quality-scarce"] = (options, value) => options.ScarceQualityPrice = value,
        ["plenty-windows"] = (options, value) => options.PlentyWindows = value,
        ["abundant-windows"] = (options, value) => options.AbundantWindows = value,
    };

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => Weights.Keys;

    /// <summary>The usual weights, but for those stated.</summary>
    /// <exception cref="UserErrorException">An unknown name, or a value that is not a number from 0.</exception>
    public static RewardOptions Parse(IEnumerable<string> pairs)
    {
        var options = new RewardOptions();
        foreach (string pair in pairs)
        {
            string[] parts = pair.Split('=');
            if (parts.Length != 2 || !Weights.TryGetValue(parts[0], out Action<RewardOptions, double>? set))
                throw new UserErrorException($"--reward: \"{pair}\" found; expected NAME=VALUE with a name of {string.Join(", ", Weights.Keys)}.");
            if (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value) || value < 0)
                throw new UserErrorException($"--reward: \"{pair}\" found; expected a number from 0 after the equals sign.");
            set(options, value);
        }

        return options;
    }
}
