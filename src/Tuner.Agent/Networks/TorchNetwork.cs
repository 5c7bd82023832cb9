using TorchSharp;
using static TorchSharp.torch;

namespace Tuner.Agent.Networks;

/// <summary>One tanh network in torch, its gradient written out, over views of flat vectors of parameters and gradients.</summary>
/// <remarks>
/// At these sizes an operation costs about as much to begin as to compute: backpropagation by hand needs a third of the
/// operations the autograd engine does, and is tested against it. tanh is <c>2·σ(2x) − 1</c>, for libtorch's sigmoid is six
/// times as quick as its tanh. Call with gradients off.
/// </remarks>
internal sealed class TorchNetwork : IDisposable
{
    private static readonly Scalar MinusOne = -1.0;
    private static readonly Scalar One = 1.0;
    private static readonly Scalar Two = 2.0;

    private readonly Tensor[] weights;
    private readonly Tensor[] biases;
    private readonly Tensor[] weightGradients;
    private readonly Tensor[] biasGradients;
    private readonly Tensor? rows;
    private readonly Tensor? places;
    private readonly Tensor[] inputs;

    /// <summary>Takes views.</summary>
    /// <param name="blocks">Weight and bias of each layer, first to last.</param>
    /// <param name="parameters">The flat vector the weights are in.</param>
    /// <param name="gradient">Receives gradients, laid out alike.</param>
    /// <param name="rows">Which output each row of the result shows, int64; null for all as they are. An output may show several times.</param>
    /// <param name="places">For each output the one row whose gradient counts; null without <paramref name="rows"/>.</param>
    public TorchNetwork(IReadOnlyList<ParameterBlock> blocks, Tensor parameters, Tensor gradient, Tensor? rows = null, Tensor? places = null)
    {
        weights = Views(blocks, parameters, bias: false);
        biases = Views(blocks, parameters, bias: true);
        weightGradients = Views(blocks, gradient, bias: false);
        biasGradients = Views(blocks, gradient, bias: true);
        (this.rows, this.places) = (rows, places);
        inputs = new Tensor[weights.Length];
    }

    private int Last => weights.Length - 1;

    /// <summary>Computes the outputs and remembers what <see cref="Backward"/> needs; the caller's dispose scope must outlive that call.</summary>
    /// <param name="observations">[batch, entries].</param>
    /// <returns>[rows, batch]: what is done to the values of a head runs along the batch, which vector units like.</returns>
    public Tensor Forward(Tensor observations)
    {
        inputs[0] = observations;
        for (int layer = 0; layer < Last; layer++)
            inputs[layer + 1] = biases[layer].addmm(inputs[layer], weights[layer].t(), 2, 2).sigmoid_().mul_(Two).sub_(One);
        Tensor bias = rows is null ? biases[Last] : biases[Last].index_select(1, rows);
        return bias.t().addmm(LastWeights(), inputs[Last].t(), 1, 1);
    }

    /// <summary>Writes the gradient of every weight and bias.</summary>
    /// <param name="outputs">Gradient of the loss by what <see cref="Forward"/> returned last, [rows, batch].</param>
    public void Backward(Tensor outputs)
    {
        Tensor ones = torch.ones(1, outputs.shape[1], device: outputs.device);
        Write(Last, places is null ? outputs : outputs.index_select(0, places), ones);
        for (int layer = Last; layer > 0; layer--)
        {
            Tensor gradient = outputs.t().mm(layer == Last ? LastWeights() : weights[layer]);
            outputs = gradient.addcmul_(gradient * inputs[layer], inputs[layer], MinusOne).t();
            Write(layer - 1, outputs, ones);
        }
    }

    public void Dispose()
    {
        foreach (Tensor[] views in new[] { weights, biases, weightGradients, biasGradients })
        {
            foreach (Tensor view in views)
                view.Dispose();
        }
    }

    private static Tensor[] Views(IReadOnlyList<ParameterBlock> blocks, Tensor flat, bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        return
        [
            .. blocks.Where(block => block.IsBias == bias).Select(block =>
                flat.narrow(0, block.Offset, block.Length).view(bias ? 1 : block.Rows, bias ? block.Rows : block.Columns).DetachFromDisposeScope()),
        ];
    }

    private Tensor LastWeights() => rows is null ? weights[Last] : weights[Last].index_select(0, rows);

    private void Write(int layer, Tensor outputs, Tensor ones)
    {
        weightGradients[layer].addmm_(outputs, inputs[layer], 0, 1);
        biasGradients[layer].addmm_(ones, outputs.t(), 0, 1);
    }
}
