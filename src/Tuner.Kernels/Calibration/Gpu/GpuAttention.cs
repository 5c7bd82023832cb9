using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Attention of prompts, of decoding over both cache formats, and of both at once on two streams.</summary>
internal sealed class GpuAttention(GpuSession session, GpuGrid grid)
{
    private static readonly int[] CacheBits = [16, 8];

    public static int Points(GpuGrid grid) =>
        (grid.Heads.Count * (Prompts(grid).Count() + (CacheBits.Length * Decodes(grid).Count()))) + CoRuns(grid).Count();

    public static string PrefillKey(AttentionShape heads, int batch, int tokens) => FormattableString.Invariant($"prefill/{heads.Heads}/{heads.KvHeads}/{heads.HeadDim}/{batch}/{tokens}");

    public static string DecodeKey(AttentionShape heads, int bits, int batch, int tokens) => FormattableString.Invariant($"decode/{bits}/{heads.Heads}/{heads.KvHeads}/{heads.HeadDim}/{batch}/{tokens}");

    /// <summary>Both at once over both one after the other.</summary>
    public static string CoRunKey(int prompt, int sequences, int tokens) => FormattableString.Invariant($"corun/{prompt}/{sequences}/{tokens}");

    public static IEnumerable<(int Prompt, int Sequences, int Tokens)> CoRuns(GpuGrid grid) =>
        from prompt in grid.CoRunPrompts from sequences in grid.CoRunSequences from tokens in grid.CoRunTokens select (prompt, sequences, tokens);

    public void Run()
    {
        using CudaMemory q = Room(grid.Heads.Max(heads => (long)heads.Heads * heads.HeadDim) * Math.Max(GpuGrid.MostPromptTokens, grid.DecodeBatches.Max()));
        using CudaMemory o = Room(q.Bytes / sizeof(ushort));
        using CudaMemory starts = session.Device.Allocate(sizeof(int) * (grid.PromptBatches.Max() + 1L));
        foreach (AttentionShape heads in grid.Heads)
        {
            foreach ((int batch, int tokens) in Prompts(grid))
            {
                session.Point(PrefillKey(heads, batch, tokens), new GpuWork(PrefillKernel.Flops(heads, batch, tokens), 0), () =>
                {
                    starts.Write<int>([.. Enumerable.Range(0, batch + 1).Select(i => i * tokens)]);
                    PrefillKernel best = KernelCatalog.Prefill(heads.HeadDim).Select(kernel => new PrefillKernel(kernel)).MinBy(kernel => session.Timer.Glance(1, Call(kernel, heads, batch, tokens, q, o, starts, session.Stream)))!;
                    (double seconds, double spread) = session.Timer.Measure(1, Call(best, heads, batch, tokens, q, o, starts, session.Stream));
                    return (best.Kernel.Entry, seconds, spread);
                });
            }

            foreach (int bits in CacheBits.Where(bits => session.Runs(KernelCatalog.Decode(heads.HeadDim, bits))))
            {
                foreach ((int batch, int tokens) in Decodes(grid))
                {
                    var kernel = new DecodeKernel(KernelCatalog.Decode(heads.HeadDim, bits));
                    session.Point(DecodeKey(heads, bits, batch, tokens), new GpuWork(0, kernel.Bytes(heads, batch, tokens)), () =>
                    {
                        using var cache = new GpuDecodeInputs(session, kernel, heads, batch, tokens);
                        (double seconds, double spread) = session.Timer.Measure(cache.Places, place => cache.Launch(place, q, o, session.Stream));
                        return (kernel.Kernel.Entry, seconds, spread);
                    });
                }
            }
        }

        CoRun(q, o, starts);
    }

    /// <summary>What was measured, out of a journal; refused points are left out.</summary>
    public static IEnumerable<AttentionSample> Samples(GpuGrid grid, IReadOnlyDictionary<string, GpuPoint> points)
    {
        foreach (AttentionShape heads in grid.Heads)
        {
            foreach ((int batch, int tokens) in Prompts(grid))
            {
                if (points.TryGetValue(PrefillKey(heads, batch, tokens), out GpuPoint? point) && point.Refused is null)
                    yield return new AttentionSample(AttentionPhase.Prefill, batch, tokens, heads.Heads, heads.KvHeads, heads.HeadDim, 0, 16, point.Seconds, null, point.Spread);
            }

            foreach (int bits in CacheBits)
            {
                foreach ((int batch, int tokens) in Decodes(grid))
                {
                    if (points.TryGetValue(DecodeKey(heads, bits, batch, tokens), out GpuPoint? point) && point.Refused is null)
                        yield return new AttentionSample(AttentionPhase.Decode, batch, tokens, heads.Heads, heads.KvHeads, heads.HeadDim, 0, bits, point.Seconds, null, point.Spread);
                }
            }
        }
    }

    private static IEnumerable<(int Batch, int Tokens)> Prompts(GpuGrid grid) =>
        from batch in grid.PromptBatches from tokens in grid.PromptTokens where (long)batch * tokens <= GpuGrid.MostPromptTokens select (batch, tokens);

    private static IEnumerable<(int Batch, int Tokens)> Decodes(GpuGrid grid) =>
        from batch in grid.DecodeBatches from tokens in grid.DecodeTokens where (long)batch * tokens <= grid.MostCachedTokens select (batch, tokens);

    private void CoRun(CudaMemory q, CudaMemory o, CudaMemory starts)
    {
        AttentionShape heads = grid.Heads[0];
        var prefill = new PrefillKernel(KernelCatalog.Prefill(heads.HeadDim)[0]);
        var decode = new DecodeKernel(KernelCatalog.Decode(heads.HeadDim, 16));
        using CudaMemory own = Room(q.Bytes / sizeof(ushort));
        foreach ((int prompt, int sequences, int tokens) in CoRuns(grid))
        {
            session.Point(CoRunKey(prompt, sequences, tokens), default, () =>
            {
                starts.Write<int>([0, prompt]);
                using var cache = new GpuDecodeInputs(session, decode, heads, sequences, tokens);
                Action<int> attend = Call(prefill, heads, 1, prompt, q, o, starts, session.Stream);
                (double alone, double spread) = session.Timer.Measure(1, attend);
                (double decoding, _) = session.Timer.Measure(cache.Places, place => cache.Launch(place, q, own, session.Stream));

                // So many decode steps as fill the prompt's time, or the other way about: neither idles for most of it.
                int steps = (int)Math.Clamp(alone / decoding, 1, 32);
                int prompts = (int)Math.Clamp(decoding / alone, 1, 32);
                double together = session.Timer.Together(session.Other, () => Repeat(prompts, attend), () => Repeat(steps, place => cache.Launch(place % cache.Places, q, own, session.Other)));
                return ("prefill beside decode, share of one after the other", together / ((prompts * alone) + (steps * decoding)), spread);
            });
        }
    }

    private static void Repeat(int times, Action<int> call)
    {
        for (int i = 0; i < times; i++)
            call(i);
    }

    private Action<int> Call(PrefillKernel kernel, AttentionShape heads, int batch, int tokens, CudaMemory q, CudaMemory o, CudaMemory starts, CudaStream stream)
    {
        long bytes = (long)batch * tokens * heads.KvHeads * heads.HeadDim * sizeof(ushort);
        return _ => kernel.Launch(session.Shelf, stream, heads, batch, tokens, KernelArgument.Of(q), session.Arena.At(bytes, 0), session.Arena.At(bytes, 1), KernelArgument.Of(o), KernelArgument.Of(starts), KernelArgument.Of(starts));
    }

    private CudaMemory Room(long elements)
    {
        CudaMemory memory = session.Device.Allocate(elements * sizeof(ushort));
        memory.Fill(0x3c, session.Stream);
        return memory;
    }
}
