namespace Tuner.Env.Costs;

/// <summary>Finds the measured layout of heads that comes nearest.</summary>
internal static class HeadChoice
{
    /// <summary>Index of the nearest layout, by the factors between query heads and between KV heads; -1 when there is none.</summary>
    public static int Nearest(IReadOnlyList<HeadLayout> layouts, double heads, double kvHeads)
    {
        int best = -1;
        double least = double.PositiveInfinity;
        for (int i = 0; i < layouts.Count; i++)
        {
            double distance = Math.Abs(Math.Log(layouts[i].Query / heads)) + Math.Abs(Math.Log(layouts[i].Kv / kvHeads));
            if (distance < least)
            {
                least = distance;
                best = i;
            }
        }

        return best;
    }
}
