using System.Globalization;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>A replica that begins to serve. One whose settings change stays the replica it was; a new layout has new ones.</summary>
/// <param name="Replica">Its number in this run, from 0 in the order of building; a number is not used again.</param>
/// <param name="Layout">The layout it belongs to.</param>
/// <param name="Index">Its place in that layout, from 0.</param>
/// <param name="Pool">Its shape, and the prompts it takes.</param>
/// <param name="Seconds">When it was built, simulated seconds since the cluster's start.</param>
public readonly record struct ReplicaRecord(int Replica, ParallelismMode Layout, int Index, PoolSpec Pool, double Seconds)
{
    /// <summary>Its name in tables: <c>tensor/2</c>.</summary>
    public string ShortName => string.Create(CultureInfo.InvariantCulture, $"{Layout.ToString().ToLowerInvariant()}/{Index}");

    /// <summary>Its name with its shape: <c>replica 2 (tensor: tp 2)</c>.</summary>
    public string Name
    {
        get
        {
            var shape = new List<string>();
            if (Pool.TensorParallel > 1)
                shape.Add($"tp {Pool.TensorParallel}");
            if (Pool.PipelineParallel > 1)
                shape.Add($"pp {Pool.PipelineParallel}");
            if (shape.Count == 0)
                shape.Add("1 GPU");
            if (Pool.MinPromptTokens > 0)
                shape.Add($"prompts from {Pool.MinPromptTokens}");
            if (Pool.MaxPromptTokens < int.MaxValue)
                shape.Add($"prompts to {Pool.MaxPromptTokens}");
            return $"replica {Index} ({Layout.ToString().ToLowerInvariant()}: {string.Join(", ", shape)})";
        }
    }
}
