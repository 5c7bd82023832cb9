namespace Tuner.Kernels.Launching;

/// <summary>The launch configurations of a kernel, numbered from 0. A configuration is a choice of one value on every axis.</summary>
public sealed class LaunchSpace
{
    private readonly int[] places;
    private readonly Dictionary<long, int> numbers;

    private LaunchSpace(IReadOnlyList<LaunchAxis> axes, List<int> places)
    {
        Axes = axes;
        this.places = [.. places];
        Count = axes.Count == 0 ? 0 : places.Count / axes.Count;
        numbers = new Dictionary<long, int>(Count);
        for (int i = 0; i < Count; i++)
        {
            if (!numbers.TryAdd(Code(Places(i)), i))
                throw new ArgumentException($"Configuration {Describe(i)} is listed twice.");
        }
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<LaunchAxis> Axes { get; }

    /// <summary>How many configurations there are.</summary>
    public int Count { get; }

    /// <summary>Every combination that is allowed.</summary>
    /// <param name="axes">The parameters.</param>
    /// <param name="allows">Gets the values, one an axis; false leaves the combination out.</param>
    /// <exception cref="ArgumentException">No combination is allowed.</exception>
    public static LaunchSpace Of(IReadOnlyList<LaunchAxis> axes, Func<IReadOnlyList<int>, bool> allows)
    {
        var places = new List<int>();
        int[] place = new int[axes.Count];
        int[] values = new int[axes.Count];
        bool more = axes.Count > 0;
        while (more)
        {
            for (int axis = 0; axis < place.Length; axis++)
                values[axis] = axes[axis].Values[place[axis]];
            if (allows(values))
                places.AddRange(place);
            int turn = place.Length - 1;
            while (turn >= 0 && ++place[turn] == axes[turn].Values.Count)
                place[turn--] = 0;
            more = turn >= 0;
        }

        return places.Count > 0 ? new LaunchSpace(axes, places) : throw new ArgumentException("No combination of launch parameters is allowed.", nameof(allows));
    }

    /// <summary>The combinations listed; the axes hold the values that occur.</summary>
    /// <param name="names">Names of the parameters.</param>
    /// <param name="rows">The combinations, in the order they are numbered.</param>
    public static LaunchSpace OfRows(IReadOnlyList<string> names, IReadOnlyList<int[]> rows)
    {
        LaunchAxis[] axes = [.. names.Select((name, axis) => new LaunchAxis(name, [.. rows.Select(row => row[axis]).Distinct().Order()]))];
        Dictionary<int, int>[] index = [.. axes.Select(axis => axis.Values.Select((value, place) => (value, place)).ToDictionary(pair => pair.value, pair => pair.place))];
        var places = new List<int>(rows.Count * axes.Length);
        foreach (int[] row in rows)
        {
            for (int axis = 0; axis < axes.Length; axis++)
                places.Add(index[axis][row[axis]]);
        }

        return new LaunchSpace(axes, places);
    }

    /// <summary>A configuration's value on an axis.</summary>
    public int Value(int configuration, int axis) => Axes[axis].Values[Places(configuration)[axis]];

    /// <summary>A configuration's value on the axis of a name.</summary>
    public int Value(int configuration, string axis)
    {
        for (int i = 0; i < Axes.Count; i++)
        {
            if (Axes[i].Name == axis)
                return Value(configuration, i);
        }

        throw new ArgumentException($"No launch parameter '{axis}'; there are {string.Join(", ", Axes.Select(known => known.Name))}.", nameof(axis));
    }

    /// <summary>Where a configuration's values stand on their axes, counted from 0.</summary>
    public ReadOnlySpan<int> Places(int configuration) => places.AsSpan(configuration * Axes.Count, Axes.Count);

    /// <summary>The configuration with these places; null where it is not allowed.</summary>
    public int? Find(ReadOnlySpan<int> place) => numbers.TryGetValue(Code(place), out int number) ? number : null;

    /// <summary>The allowed configurations that differ in one parameter.</summary>
    public IEnumerable<int> Neighbours(int configuration)
    {
        int[] place = Places(configuration).ToArray();
        for (int axis = 0; axis < place.Length; axis++)
        {
            int own = place[axis];
            for (int other = 0; other < Axes[axis].Values.Count; other++)
            {
                place[axis] = other;
                if (other != own && Find(place) is { } neighbour)
                    yield return neighbour;
            }

            place[axis] = own;
        }
    }

    /// <summary>A configuration for a person: <c>block_size_x=32 tile=4</c>.</summary>
    public string Describe(int configuration) => string.Join(' ', Axes.Select((axis, i) => FormattableString.Invariant($"{axis.Name}={Value(configuration, i)}")));

    private long Code(ReadOnlySpan<int> place)
    {
        long code = 0;
        for (int axis = 0; axis < place.Length; axis++)
            code = (code * Axes[axis].Values.Count) + place[axis];
        return code;
    }
}
