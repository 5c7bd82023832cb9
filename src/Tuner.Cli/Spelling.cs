namespace Tuner.Cli;

/// <summary>Guesses which word was meant.</summary>
internal static class Spelling
{
    private const int MostEdits = 2;

    /// <summary>The known word the fewest edits away; null when none is close.</summary>
    public static string? Closest(string word, IEnumerable<string> known)
        => known.Select(candidate => (Word: candidate, Edits: Edits(word, candidate)))
            .Where(candidate => candidate.Edits <= MostEdits)
            .OrderBy(candidate => candidate.Edits)
            .Select(candidate => candidate.Word)
            .FirstOrDefault();

    /// <summary>Levenshtein distance: letters inserted, left out or replaced.</summary>
    private static int Edits(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
