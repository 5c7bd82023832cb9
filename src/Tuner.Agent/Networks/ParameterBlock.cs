namespace Tuner.Agent.Networks;

/// <summary>One weight matrix or bias vector within the flat vector of all parameters.</summary>
/// <param name="Name">The name errors use, such as <c>actor.0.weight</c>.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Rows">Outputs of its layer.</param>
/// <param name="Columns">Inputs of its layer; 1 for a bias.</param>
internal sealed record ParameterBlock(string Name, int Offset, int Rows, int Columns)
{
    public int Length => Rows * Columns;

    public bool IsBias => Name.EndsWith("bias", StringComparison.Ordinal);
}
