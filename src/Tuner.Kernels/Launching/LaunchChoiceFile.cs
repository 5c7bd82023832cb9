using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tuner.Kernels.Launching;

/// <summary>Launch choices that outlive the process, one for each GPU, driver, kernel and bucket of shapes.</summary>
/// <remarks>
/// A choice can always be made again, so a file that is damaged or of another version never stops a start: it is set aside under
/// <c>.damaged</c> and <see cref="Complaint"/> says so in one sentence. A save merges what another process wrote meanwhile (the
/// later choice of a key wins) and replaces the file whole or not at all. One instance may be used by several threads.
/// </remarks>
public sealed class LaunchChoiceFile
{
    /// <summary>The layout this build writes and reads.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    private readonly Lock gate = new();
    private readonly string path;
    private readonly TimeProvider time;
    private readonly Dictionary<LaunchKey, KeptLaunch> kept;

    private LaunchChoiceFile(string path, TimeProvider time, Dictionary<LaunchKey, KeptLaunch> kept, string? complaint)
        => (this.path, this.time, this.kept, Complaint) = (path, time, kept, complaint);

    /// <summary>What was wrong with the file when it was opened; null when nothing was.</summary>
    public string? Complaint { get; }

    /// <summary>How many choices it holds.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return kept.Count;
        }
    }

    /// <summary>Opens a file, or starts an empty one.</summary>
    /// <param name="path">Where it lies; need not exist.</param>
    /// <param name="time">Tells when a choice was made.</param>
    public static LaunchChoiceFile Open(string path, TimeProvider time)
    {
        if (!File.Exists(path))
            return new LaunchChoiceFile(path, time, [], null);
        try
        {
            return new LaunchChoiceFile(path, time, Read(path), null);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidDataException)
        {
            string aside = path + ".damaged";
            File.Move(path, aside, overwrite: true);
            return new LaunchChoiceFile(path, time, [], $"{path}: no launch choices could be read ({wrong.Message.TrimEnd('.')}); it was moved to {aside} and choices start afresh.");
        }
    }

    /// <summary>The configuration kept for a key; null where there is none or the space no longer has it.</summary>
    public int? Find(LaunchKey key, LaunchSpace space)
    {
        KeptLaunch? found;
        lock (gate)
            found = kept.GetValueOrDefault(key);
        if (found is null)
            return null;
        int[] places = new int[space.Axes.Count];
        for (int axis = 0; axis < places.Length; axis++)
        {
            if (!found.Parameters.TryGetValue(space.Axes[axis].Name, out int value))
                return null;
            places[axis] = space.Axes[axis].Values.ToList().IndexOf(value);
            if (places[axis] < 0)
                return null;
        }

        return space.Find(places);
    }

    /// <summary>Keeps a choice and saves the file.</summary>
    /// <exception cref="IOException">The file cannot be written; the choice is kept in memory all the same.</exception>
    public void Keep(LaunchKey key, LaunchSpace space, LaunchChoice choice)
    {
        Dictionary<string, int> parameters = Enumerable.Range(0, space.Axes.Count).ToDictionary(axis => space.Axes[axis].Name, axis => space.Value(choice.Configuration, axis));
        lock (gate)
        {
            kept[key] = new KeptLaunch(key, parameters, choice.Seconds, choice.Low, choice.High, choice.Timings, time.GetUtcNow());
            Save();
        }
    }

    /// <summary>The configuration kept for a key, or one chosen now and kept.</summary>
    /// <param name="key">What it holds for.</param>
    /// <param name="space">The launches.</param>
    /// <param name="choose">Chooses where nothing is kept; null when nothing could run.</param>
    /// <returns>The configuration; null when nothing could run.</returns>
    public int? FindOrChoose(LaunchKey key, LaunchSpace space, Func<LaunchChoice?> choose)
    {
        if (Find(key, space) is { } found)
            return found;
        if (choose() is not { } choice)
            return null;
        Keep(key, space, choice);
        return choice.Configuration;
    }

    private static Dictionary<LaunchKey, KeptLaunch> Read(string path)
    {
        Contents? contents = JsonSerializer.Deserialize<Contents>(File.ReadAllText(path), Layout);
        if (contents?.Format != CurrentFormat)
            throw new InvalidDataException($"format {contents?.Format.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}; this build reads format {CurrentFormat}");
        var choices = new Dictionary<LaunchKey, KeptLaunch>();
        foreach (KeptLaunch choice in contents.Choices)
            choices[choice.Key] = choice;
        return choices;
    }

    private void Save()
    {
        try
        {
            foreach ((LaunchKey key, KeptLaunch other) in File.Exists(path) ? Read(path) : [])
            {
                if (!kept.TryGetValue(key, out KeptLaunch? own) || own.When < other.When)
                    kept[key] = other;
            }
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidDataException)
        {
            // What another process left unreadable is overwritten by what is known here.
        }

        string temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp";
        var ordered = new Contents(CurrentFormat, [.. kept.Values.OrderBy(choice => choice.Key.ToString(), StringComparer.Ordinal)]);
        File.WriteAllText(temporary, JsonSerializer.Serialize(ordered, Layout) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    private sealed record Contents(int Format, [property: JsonRequired] IReadOnlyList<KeptLaunch> Choices);
}
