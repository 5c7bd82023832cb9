namespace Tuner.Policy.Knobs;

/// <summary>How the model is laid out over the cluster. The scenario says what each mode means on its GPUs.</summary>
public enum ParallelismMode
{
    /// <summary>Data-parallel replicas, each on as few GPUs as the model fits on.</summary>
    Single,

    /// <summary>Every layer split over GPUs (tensor parallel): quick, at the price of two all-reduces a layer.</summary>
    Tensor,

    /// <summary>Layers in stages over GPUs (pipeline parallel): roomy, with bubbles.</summary>
    Pipeline,

    /// <summary>A mix of the above: tensor × pipeline, or a pool for short and a pool for long prompts.</summary>
    Hybrid,
}
