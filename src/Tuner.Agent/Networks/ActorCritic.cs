using static TorchSharp.torch;

namespace Tuner.Agent.Networks;

/// <summary>Actor and critic in torch, for learning: two networks whose parameters are one flat vector.</summary>
internal sealed class ActorCritic : IDisposable
{
    private readonly Tensor rows;
    private readonly Tensor places;

    public ActorCritic(ParameterLayout layout, HeadLayout heads, float[] parameters, Device device)
    {
        (Layout, Heads) = (layout, heads);
        using var scope = NewDisposeScope();
        rows = tensor(heads.Rows.ToArray()).to(device).DetachFromDisposeScope();
        places = tensor(heads.Places.ToArray()).to(device).DetachFromDisposeScope();
        Parameters = tensor(parameters).to(device).DetachFromDisposeScope();
        Gradient = zeros(layout.Length, device: device).DetachFromDisposeScope();
        int half = layout.Blocks.Count / 2;
        ActorGradient = Gradient.narrow(0, 0, layout.Blocks[half].Offset).DetachFromDisposeScope();
        Actor = new TorchNetwork([.. layout.Blocks.Take(half)], Parameters, Gradient, rows, places);
        Critic = new TorchNetwork([.. layout.Blocks.Skip(half)], Parameters, Gradient);
    }

    public ParameterLayout Layout { get; }

    public HeadLayout Heads { get; }

    /// <summary>All parameters.</summary>
    public Tensor Parameters { get; }

    /// <summary>Their gradients, written by <see cref="TorchNetwork.Backward"/>.</summary>
    public Tensor Gradient { get; }

    /// <summary>The actor's part of <see cref="Gradient"/>, a view.</summary>
    public Tensor ActorGradient { get; }

    /// <summary>Gives the logits, laid out as <see cref="Heads"/> says: [widest × heads, batch].</summary>
    public TorchNetwork Actor { get; }

    /// <summary>Gives the value, [1, batch].</summary>
    public TorchNetwork Critic { get; }

    public void Dispose()
    {
        Actor.Dispose();
        Critic.Dispose();
        rows.Dispose();
        places.Dispose();
        ActorGradient.Dispose();
        Gradient.Dispose();
        Parameters.Dispose();
    }
}
