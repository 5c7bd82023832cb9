using System.Globalization;
using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares a profile measured on one GPU with the tables published for the same kind, term by term: nothing is fitted to them.</summary>
/// <remarks>
/// The tables are of engines' kernels, the profile is of Tuner's: where they disagree the kernels may differ as well as the GPUs. Each published
/// call inside the profile's measured hull counts once.
/// </remarks>
public static class PublishedAgreement
{
    private static readonly KernelPrecision[] Products = [KernelPrecision.Bf16, KernelPrecision.Fp8, KernelPrecision.NvFp4, KernelPrecision.Int4WeightOnly];

    /// <summary>Rows from which products are bound by arithmetic.</summary>
    private const int ManyRows = 512;

    /// <summary>Published over the profile's, for every term and table; empty for a profile that was not measured, or of a GPU without tables.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="profile">The profile.</param>
    /// <exception cref="CalibrationException">A table is malformed.</exception>
    public static IReadOnlyList<KernelRatio> Run(string folder, HardwareProfile profile)
    {
        EngineKernels own = profile.Engines[0];
        if (own.Gemm.All(term => term.Provenance != Provenance.MeasuredHere) || !PublishedTables.Devices(folder).Contains(profile.Name))
            return [];
        return [.. PublishedTables.Engines(folder, profile.Name).SelectMany(engine => Compare(own, PublishedTables.Read(folder, profile.Name, engine)))];
    }

    /// <summary>Compares kernels with one engine's tables.</summary>
    internal static IEnumerable<KernelRatio> Compare(EngineKernels own, KernelMeasurements published)
    {
        foreach (KernelPrecision precision in Products)
        {
            if (own.Gemm.FirstOrDefault(term => term.Precision == precision) is not { Residuals: { } hull } term)
                continue;
            GemmSample[] inside = [.. published.Gemm.Where(sample => sample.Precision == precision && Within(hull.X, sample.Outputs) && Within(hull.Y, sample.Inputs) && Within(hull.Z, sample.Rows))];
            foreach ((string rows, bool many) in (IEnumerable<(string, bool)>)[($"fewer than {ManyRows} rows", false), ($"{ManyRows} rows and more", true)])
            {
                if (Summarise($"{published.Engine}, product {precision}, {rows}", inside.Where(sample => sample.Rows >= ManyRows == many).Select(sample => sample.Seconds / new GemmCurve(term, sample.Inputs, sample.Outputs).At(sample.Rows))) is { } ratio)
                    yield return ratio;
            }
        }

        foreach (AttentionTerm term in own.Attention)
        {
            IEnumerable<double> ratios = published.Attention
                .Where(sample => sample.Phase == term.Phase && sample.KvBits == term.KvBits && sample.HeadDim == term.HeadDim && sample.Window == term.Window && Within(term.Residuals!.Y, sample.Batch) && Within(term.Residuals.Z, sample.Tokens))
                .Select(sample => sample.Seconds / term.Roofline(sample.Heads, sample.KvHeads, sample.Batch, sample.Tokens));
            if (Summarise(string.Create(CultureInfo.InvariantCulture, $"{published.Engine}, {term.Phase} attention, {term.KvBits}-bit cache, heads of {term.HeadDim}, over the roofline"), ratios) is { } ratio)
                yield return ratio;
        }
    }

    private static KernelRatio? Summarise(string what, IEnumerable<double> ratios)
    {
        double[] all = [.. ratios];
        return all.Length == 0 ? null : new KernelRatio(what, all.Length, all.Median(), all.Quantile(0.1), all.Quantile(0.9));
    }

    private static bool Within(IReadOnlyList<int> nodes, int value) => value >= nodes[0] && value <= nodes[^1];
}
