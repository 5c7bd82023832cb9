using Tuner.Agent.Torch;
using static TorchSharp.torch;

namespace Tuner.Agent.Ppo;

/// <summary>Adam (Kingma and Ba, arXiv:1412.6980) over one flat vector, with its whole state in reach of a checkpoint.</summary>
/// <remarks>ε is 10⁻⁵, as PPO's reference implementations have it.</remarks>
internal sealed class Adam : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-5;

    private readonly Tensor parameters;

    public Adam(Tensor parameters, float[] first, float[] second, long steps)
    {
        this.parameters = parameters;
        Steps = steps;
        using var scope = NewDisposeScope();
        First = tensor(first).to(parameters.device).DetachFromDisposeScope();
        Second = tensor(second).to(parameters.device).DetachFromDisposeScope();
    }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Moving mean of the gradient.</summary>
    public Tensor First { get; }

    /// <summary>Moving mean of its square.</summary>
    public Tensor Second { get; }

    public void Step(Tensor gradient, double learningRate)
    {
        using IDisposable quiet = no_grad();
        using var scope = NewDisposeScope();
        Steps++;
        First.mul_(Scalars.Of(Beta1)).add_(gradient, Scalars.Of(1 - Beta1));
        Second.mul_(Scalars.Of(Beta2)).addcmul_(gradient, gradient, Scalars.Of(1 - Beta2));
        Tensor deviation = Second.sqrt().div_(Scalars.Of(Math.Sqrt(1 - Math.Pow(Beta2, Steps)))).add_(Scalars.Of(Epsilon));
        parameters.addcdiv_(First, deviation, Scalars.Of(-learningRate / (1 - Math.Pow(Beta1, Steps))));
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
