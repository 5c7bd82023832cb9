using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>Copies on all threads of a team.</summary>
public static unsafe class BlockCopy
{
    /// <summary>Bytes of an item: a quarter of a megabyte takes about ten microseconds, well above the price of handing it out.</summary>
    private const int Piece = 1 << 18;

    /// <summary>Copies a span.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="source">From.</param>
    /// <param name="target">To; as long, and not overlapping.</param>
    public static void Copy(CpuTeam team, ReadOnlySpan<byte> source, Span<byte> target)
    {
        Shape.Require(target.Length, source.Length, nameof(target));
        fixed (byte* from = source, to = target)
        {
            var call = new Call { Source = from, Target = to, Bytes = source.Length };
            team.Run((int)(((long)source.Length + Piece - 1) / Piece), &CopyPiece, &call);
        }
    }

    /// <summary>Copies blocks of a pool to other places in it.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="blockBytes">Bytes of a block.</param>
    /// <param name="from">Blocks to copy.</param>
    /// <param name="to">Where to; as many, and none of them among the sources.</param>
    /// <exception cref="ArgumentException">A block is not in the pool.</exception>
    internal static void Gather(CpuTeam team, byte* pool, int blocks, long blockBytes, ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        Shape.Require(to.Length, from.Length, nameof(to));
        if (from.ContainsAnyExceptInRange(0, blocks - 1) || to.ContainsAnyExceptInRange(0, blocks - 1))
            throw new ArgumentException($"A block number is outside the pool's {blocks}.", nameof(from));
        fixed (int* sources = from, targets = to)
        {
            var call = new Call { Source = pool, Target = pool, Bytes = blockBytes, From = sources, To = targets };
            team.Run(from.Length, &CopyBlock, &call);
        }
    }

    private static void CopyPiece(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        long start = (long)item * Piece;
        long bytes = Math.Min(Piece, call.Bytes - start);
        Buffer.MemoryCopy(call.Source + start, call.Target + start, bytes, bytes);
    }

    private static void CopyBlock(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        Buffer.MemoryCopy(call.Source + (call.From[item] * call.Bytes), call.Target + (call.To[item] * call.Bytes), call.Bytes, call.Bytes);
    }

    private struct Call
    {
        public byte* Source;
        public byte* Target;
        public long Bytes;
        public int* From;
        public int* To;
    }
}
