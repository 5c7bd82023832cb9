using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>Prices of steps that only decode, worked out beforehand: for a number of sequences they are affine in the cached tokens from bend to bend.</summary>
internal sealed class DecodeTable
{
    /// <summary>Tokens a sequence over which the slope is taken where no bend is ahead.</summary>
    private const double Span = 4096;

    private readonly IEngineCost cost;
    private readonly int[] first; // of each number of sequences, its first piece; one more at the end
    private readonly Piece[] pieces;

    /// <param name="cost">The engine.</param>
    /// <param name="mostSequences">Sequences up to which prices are kept; beyond they are worked out when asked for.</param>
    public DecodeTable(IEngineCost cost, int mostSequences)
    {
        this.cost = cost;
        first = new int[mostSequences + 2];
        var found = new List<Piece>();
        for (int sequences = 1; sequences <= mostSequences; sequences++)
        {
            first[sequences] = found.Count;
            double from = 0;
            while (!double.IsPositiveInfinity(from))
            {
                Piece piece = Find(sequences, from);
                found.Add(piece);
                from = piece.Until;
            }
        }

        first[mostSequences + 1] = found.Count;
        pieces = [.. found];
    }

    private readonly record struct Piece(double From, double Until, double Seconds, double SecondsPerToken, double Joules, double JoulesPerToken);

    /// <summary>Prices a run of steps.</summary>
    /// <param name="sequences">Sequences that decode, at least 1.</param>
    /// <param name="kvTokens">Cached tokens they attend to in the first step.</param>
    /// <param name="growth">Tokens they gain a step, together.</param>
    /// <param name="steps">Steps of the run: those that begin before the next bend.</param>
    public DecodeRun Run(int sequences, double kvTokens, double growth, out int steps)
    {
        if (sequences + 1 >= first.Length)
        {
            Piece found = Find(sequences, kvTokens);
            return Run(found, kvTokens, growth, out steps);
        }

        int low = first[sequences];
        int high = first[sequences + 1];
        while (high - low > 1)
        {
            int middle = (low + high) >> 1;
            if (pieces[middle].From <= kvTokens)
                low = middle;
            else
                high = middle;
        }

        return Run(pieces[low], kvTokens, growth, out steps);
    }

    private static DecodeRun Run(in Piece piece, double kvTokens, double growth, out int steps)
    {
        double ahead = kvTokens - piece.From;
        double untilBend = (piece.Until - kvTokens) / growth;
        steps = untilBend < int.MaxValue ? 1 + (int)untilBend : int.MaxValue;
        return new DecodeRun(piece.Seconds + (ahead * piece.SecondsPerToken), growth * piece.SecondsPerToken, piece.Joules + (ahead * piece.JoulesPerToken), growth * piece.JoulesPerToken, 1);
    }

    private Piece Find(int sequences, double from)
    {
        // A pipeline's micro-batches share the sequences evenly. A little beyond the last bend, or rounding may find it again.
        int parts = Math.Min(sequences, cost.Engine.PipelineParallel);
        double beyond = (from * (1 + 1e-9)) + 1e-6;
        double until = cost.NextBend(new BatchShape(0, 0, 0, 0, 0, (sequences + parts - 1) / parts, beyond / parts)) * parts;
        double end = double.IsPositiveInfinity(until) ? from + (Span * sequences) : until;
        double near = from + (0.25 * (end - from));
        double far = from + (0.75 * (end - from));
        double seconds = Seconds(near, out double joules);
        double secondsPerToken = (Seconds(far, out double moreJoules) - seconds) / (far - near);
        double joulesPerToken = (moreJoules - joules) / (far - near);
        return new Piece(from, until, seconds - ((near - from) * secondsPerToken), secondsPerToken, joules - ((near - from) * joulesPerToken), joulesPerToken);

        double Seconds(double kvTokens, out double energy)
            => PipelineRound.Seconds(cost, int.MaxValue, new BatchShape(0, 0, 0, 0, 0, sequences, kvTokens), out energy);
    }
}
