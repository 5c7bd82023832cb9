using Tuner.Env.Simulation;

namespace Tuner.Agent.Training;

/// <summary>What belongs to one environment during training, so that threads share nothing.</summary>
internal sealed class Worker(RandomStream random, int observations, int logits, int heads, int measured)
{
    /// <summary>Draws this environment's actions.</summary>
    public RandomStream Random { get; } = random;

    /// <summary>Return of the running episode.</summary>
    public double Return { get; set; }

    /// <summary>Discounted return that reward scaling measures.</summary>
    public double Discounted { get; set; }

    /// <summary>Returns of the episodes this rollout finished.</summary>
    public List<double> Finished { get; } = [];

    /// <summary>Observations of this rollout.</summary>
    public RunningMoments Seen { get; } = new(observations);

    /// <summary>Sums of what the environment measured in this rollout.</summary>
    public double[] Measured { get; } = new double[measured];

    public float[] Observation { get; } = new float[observations];

    public float[] Logits { get; } = new float[logits];

    public float[] Value { get; } = new float[1];

    public double[] Uniforms { get; } = new double[heads];

    public int[] Action { get; } = new int[heads];
}
