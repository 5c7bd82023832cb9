namespace Tuner.Env.Costs;

/// <summary>How long a communication pattern takes on a number of GPUs, by the size of the message.</summary>
/// <param name="Operation">What the GPUs exchange.</param>
/// <param name="Captured">Whether it runs inside a captured graph, without the host's launch.</param>
/// <param name="Gpus">GPUs taking part.</param>
/// <param name="Provenance">What the times rest on.</param>
/// <param name="Bytes">Message sizes, ascending.</param>
/// <param name="Seconds">Their times.</param>
public sealed record CollectiveTerm(
    CollectiveOperation Operation,
    bool Captured,
    int Gpus,
    Provenance Provenance,
    IReadOnlyList<double> Bytes,
    IReadOnlyList<double> Seconds)
{
    /// <summary>Errors, as log(predicted / measured), of sizes left out in turn and predicted from their two neighbours.</summary>
    public IEnumerable<double> LeftOut()
    {
        for (int i = 1; i < Bytes.Count - 1; i++)
        {
            double share = (Bytes[i] - Bytes[i - 1]) / (Bytes[i + 1] - Bytes[i - 1]);
            yield return Math.Log((Seconds[i - 1] + (share * (Seconds[i + 1] - Seconds[i - 1]))) / Seconds[i]);
        }
    }

    /// <summary>Seconds of a message: linear in its size between those measured, the last pair's slope beyond.</summary>
    public double At(double bytes)
    {
        int high = 1;
        while (high < Bytes.Count - 1 && Bytes[high] < bytes)
            high++;
        if (bytes <= Bytes[0])
            return Seconds[0];
        double share = (bytes - Bytes[high - 1]) / (Bytes[high] - Bytes[high - 1]);
        return Seconds[high - 1] + (share * (Seconds[high] - Seconds[high - 1]));
    }
}
