namespace Tuner.Kernels.Reference;

/// <summary>The product as its definition reads, in double precision: what <see cref="Gemm"/> is tested against.</summary>
public static class NaiveGemm
{
    /// <summary>y[i, j] = Σ x[i, l] · w[l, j].</summary>
    /// <param name="x">x[rows, inputs].</param>
    /// <param name="w">w[inputs, outputs].</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="inputs">Length of the dot products.</param>
    /// <param name="outputs">Columns of w and y.</param>
    /// <param name="y">Receives y[rows, outputs].</param>
    public static void Multiply(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int rows, int inputs, int outputs, Span<float> y)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < outputs; j++)
            {
                double sum = 0;
                for (int l = 0; l < inputs; l++)
                    sum += (double)x[(i * inputs) + l] * w[(l * outputs) + j];
                y[(i * outputs) + j] = (float)sum;
            }
        }
    }
}
