using Tuner.Agent.Ppo;

namespace Tuner.Cli.Commands.Training;

/// <summary>How many environments learn, on how many threads, and where updates run.</summary>
/// <param name="Environments">Environments side by side; null for 16, or as many as the checkpoint has.</param>
/// <param name="Threads">Threads; 0 for one a core.</param>
/// <param name="Device">cpu or cuda.</param>
internal sealed record LearningRequest(int? Environments = null, int Threads = 0, string Device = "cpu")
{
    private const int Most = 4096;

    /// <summary>PPO's options for a serving environment.</summary>
    public PpoOptions Options
    {
        get
        {
            // It begins with what it was taught, and what it earns beyond that tells a gain from luck: the anchor need not hold it tightly.
            var options = new PpoOptions { Threads = Threads, Device = Device, Environments = Environments ?? 16, LearningRate = 3e-4, Discount = 0.98, EntropyWeight = 0.002, AnchorWeight = 0.02, CriticWarmupUpdates = 8 };
            options.MinibatchSize = Math.Min(options.MinibatchSize, options.Environments * options.RolloutSteps);
            return options;
        }
    }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="UserErrorException">Out of range, or there is no such device.</exception>
    public static LearningRequest Parse(int? environments, int threads, string device)
    {
        if (environments is not (null or (>= 1 and <= Most)))
            throw new UserErrorException($"--envs is {environments}; expected 1 to {Most}.");
        if (threads is not (>= 0 and <= 1024))
            throw new UserErrorException($"--threads is {threads}; expected 0 (one a core) to 1024.");
        if (device is not ("cpu" or "cuda"))
            throw new UserErrorException($"--device is {device}; expected cpu or cuda.");
        if (device == "cuda" && !TorchSharp.torch.cuda.is_available())
            throw new UserErrorException("--device cuda: libtorch finds no CUDA device; build with -p:TorchBackend=cuda on a machine with an NVIDIA driver, or use --device cpu.");
        return new LearningRequest(environments, threads, device);
    }
}
