using System.CommandLine;
using Spectre.Console;
using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Training;

/// <summary><c>tuner train</c>: PPO on a scenario and its traffic.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var usual = new MixRequest();
        Option<string> scenario = Shared.Scenario();
        Option<string[]> traffic = Shared.Traffic(required: false);
        Option<int> days = new("--days") { Description = "Days drawn of each preset in --traffic: one teaches its own accidents.", DefaultValueFactory = _ => 6 };
        Option<long> steps = new("--steps") { Description = "Decision windows to train on.", DefaultValueFactory = _ => 120_000 };
        Option<string> folder = new("--out") { Description = "Where checkpoint, policy and curves go.", DefaultValueFactory = _ => Path.Combine("runs", "train") };
        Option<bool> resume = new("--resume") { Description = "Go on from the checkpoint in --out." };
        Option<string> device = new("--device") { Description = "cpu or cuda: where updates run.", DefaultValueFactory = _ => "cpu" };
        Option<int?> environments = new("--envs") { Description = "Environments stepped side by side; 16 unless given. More are steadier and slower to learn." };
        Option<int> threads = new("--threads") { Description = "Threads stepping them; 0 for one a core. Changes nothing but speed.", DefaultValueFactory = _ => 0 };
        Option<double> share = new("--own-share") { Description = "Share of episodes from --traffic; the rest are synthetic traffic of other kinds, so that the policy has met them.", DefaultValueFactory = _ => usual.OwnShare };
        Option<bool> only = new("--only-this-traffic") { Description = "Train on --traffic alone; the same as --own-share 1." };
        Option<string[]> without = new("--without") { Description = "Presets to leave out of the mix.", AllowMultipleArgumentsPerToken = true };
        Option<double[]> loads = new("--loads")
        {
            Description = "Lowest and highest rate of episodes, as multiples of what a fixed setting sustains.",
            Arity = new ArgumentArity(2, 2),
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [usual.Light, usual.Heavy],
        };
        Option<int> lessons = new("--lessons") { Description = "Stretches of 40 minutes the network is taught on before PPO.", DefaultValueFactory = _ => 64 };
        Option<string[]> reward = new("--reward") { Description = $"Weights of the reward that are not to be the usual ones; lessons heed those of quality, PPO all, as NAME=VALUE: {string.Join(", ", RewardText.Names)}.", AllowMultipleArgumentsPerToken = true };
        Option<ulong> seed = Shared.Seed();
        var command = new Command("train", "Train a policy; Ctrl-C leaves a checkpoint that --resume goes on from.") { scenario, traffic, days, steps, folder, resume, device, environments, threads, share, only, without, loads, lessons, reward, seed };
        command.SetAction((parsed, cancellation) =>
        {
            // What is wrong is said before anything is read or run.
            var learning = LearningRequest.Parse(parsed.GetValue(environments), parsed.GetValue(threads), parsed.GetValue(device)!);
            if (parsed.GetValue(steps) < 1)
                throw new UserErrorException($"--steps is {parsed.GetValue(steps)}; expected at least 1.");
            if (parsed.GetValue(days) is not (>= 1 and <= 100))
                throw new UserErrorException($"--days is {parsed.GetValue(days)}; expected 1 to 100.");
            if (parsed.GetValue(loads) is not [> 0 and double light, double heavy and <= 100] || light > heavy)
                throw new UserErrorException($"--loads is {string.Join(' ', parsed.GetValue(loads) ?? [])}; expected two multiples above 0, the lower first, at most 100.");
            RewardOptions rewards = RewardText.Parse(parsed.GetValue(reward) ?? []);
            string output = parsed.GetValue(folder)!;
            Shared.RequireWritableFolder(output);
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            string[] named = parsed.GetValue(traffic) is { Length: > 0 } given ? given : ["mixed-day"];
            string[] names = [.. named.SelectMany(name => Days(name, parsed.GetValue(days), parsed.GetValue(seed)))];
            TrafficTrace[] traces = Shared.LoadTraffic(names, parsed.GetValue(seed));
            double ownShare = parsed.GetValue(only) ? 1 : parsed.GetValue(share);
            if (ownShare is not (> 0 and <= 1))
                throw new UserErrorException($"--own-share is {ownShare}; expected a share above 0, at most 1.");
            var mix = new MixRequest { OwnShare = ownShare, Without = parsed.GetValue(without) ?? [], Light = light, Heavy = heavy };
            var request = new TrainingRequest(costs, names, traces, parsed.GetValue(steps), output, parsed.GetValue(resume), learning, parsed.GetValue(seed), mix, parsed.GetValue(lessons), rewards);
            TrainingOutcome outcome = Trainer.Run(request, cancellation);
            if (outcome.Interrupted)
            {
                AnsiConsole.WriteLine($"interrupted after {outcome.Steps} windows; the checkpoint is {outcome.CheckpointPath}. Go on with --resume.");
                return Task.FromResult(ExitCode.Interrupted);
            }

            AnsiConsole.WriteLine($"trained on {outcome.Steps} windows; the policy is {outcome.PolicyPath}");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>The day a preset's name stands for, and others of its seeds; a file, and a preset under a seed of its own, is one day.</summary>
    private static IEnumerable<string> Days(string name, int days, ulong seed)
        => TrafficPresets.Names.Contains(name) ? [name, .. Enumerable.Range(1, days - 1).Select(other => $"{name}@{seed + 10_000 + (ulong)other}")] : [name];
}
