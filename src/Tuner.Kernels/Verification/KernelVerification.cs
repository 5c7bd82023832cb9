using Tuner.Env.Costs;
using Tuner.Env.Simulation;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Verification;

/// <summary>Runs every kernel of the catalogue on random shapes and compares the results with references on the CPU.</summary>
public static class KernelVerification
{
    /// <summary>Checks every kernel, and cuBLASLt where it is there; those the GPU cannot run are listed with the reason.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="scale">How much.</param>
    /// <param name="seed">Of shapes and numbers.</param>
    /// <param name="progress">Told before each check; null when nobody looks.</param>
    /// <param name="cancellation">Looked at before each check.</param>
    public static IReadOnlyList<CheckOutcome> Run(CudaDevice device, VerificationScale scale, ulong seed, IProgress<CalibrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        var outcomes = new List<CheckOutcome>();
        int total = (KernelCatalog.All.Count + CublasLt.Precisions.Count) * scale.Shapes;
        int done = 0;
        foreach (KernelSpec kernel in KernelCatalog.All)
        {
            using var bench = new Bench(device, RandomStream.For(seed, kernel.Entry));
            for (int i = 0; i < scale.Shapes; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new CalibrationProgress(done++, total, kernel.Entry));
                try
                {
                    outcomes.AddRange(Check(kernel, bench, scale));
                }
                catch (KernelException cannot)
                {
                    outcomes.Add(new CheckOutcome(kernel.Entry, "", 0, 0, 0, cannot.Message));
                    break;
                }

                bench.Clear();
            }
        }

        using var last = new Bench(device, RandomStream.For(seed, "cublaslt"));
        string found = CublasLt.Open(device, out CublasLt? library);
        using (library)
        {
            foreach (KernelPrecision precision in library is null ? [] : CublasLt.Precisions)
            {
                for (int i = 0; i < scale.Shapes; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report(new CalibrationProgress(done++, total, $"{library!.Version} {precision}"));
                    outcomes.Add(new ProductChecks(last, scale).Check(library!, precision));
                    last.Clear();
                }
            }
        }

        if (library is null)
            outcomes.Add(new CheckOutcome("cuBLASLt", "", 0, 0, 0, found));
        return outcomes;
    }

    /// <summary>Checks one kernel on one random shape.</summary>
    internal static IReadOnlyList<CheckOutcome> Check(KernelSpec kernel, Bench bench, VerificationScale scale)
    {
        var products = new ProductChecks(bench, scale);
        var attention = new AttentionChecks(bench, scale);
        var layer = new LayerChecks(bench, scale);
        return kernel.Source switch
        {
            "gemm_mma.cu" or "gemm_wgmma.cu" or "gemm_w4.cu" => [products.Check(new ProductKernel(kernel))],
            "gemv_w4.cu" => [products.Check(new VectorKernel(kernel))],
            "attention_prefill.cu" => [attention.Prefill(new PrefillKernel(kernel))],
            "attention_decode.cu" => [attention.Decode(new DecodeKernel(kernel))],
            "quantise.cu" => [kernel["RESTORE"] == 1 ? layer.Restore() : layer.Quantise(kernel)],
            "elementwise.cu" => kernel["OPERATION"] switch { 0 => [.. layer.RmsNorm()], 1 => [layer.Rope()], _ => [layer.SwiGlu()] },
            "gather.cu" => [layer.Gather()],
            _ => throw new InvalidOperationException($"{kernel.Entry} has no check: every kernel needs one."),
        };
    }
}
