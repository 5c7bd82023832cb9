using Tuner.Env.Simulation;

namespace Tuner.Agent.Networks;

/// <summary>Orthogonal initial weights (Saxe et al., arXiv:1312.6120).</summary>
internal static class OrthogonalInit
{
    /// <summary>Draws a matrix whose rows (or columns, if there are fewer) are orthogonal with length <paramref name="gain"/>.</summary>
    public static float[] Draw(int rows, int columns, double gain, RandomStream random)
    {
        // Gram and Schmidt over the smaller side of a Gaussian matrix, twice for accuracy, in double precision.
        bool wide = rows <= columns;
        int count = Math.Min(rows, columns);
        int length = Math.Max(rows, columns);
        var vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            double[] vector = vectors[i] = new double[length];
            for (int k = 0; k < length; k++)
                vector[k] = random.NextGaussian();
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    double along = Dot(vector, vectors[j]);
                    for (int k = 0; k < length; k++)
                        vector[k] -= along * vectors[j][k];
                }
            }

            double size = Math.Sqrt(Dot(vector, vector));
            for (int k = 0; k < length; k++)
                vector[k] /= size;
        }

        var weights = new float[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                weights[(row * columns) + column] = (float)(gain * (wide ? vectors[row][column] : vectors[column][row]));
        }

        return weights;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
