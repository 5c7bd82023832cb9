using Tuner.Policy.Observations;

namespace Tuner.Policy.Files;

/// <summary>A policy file that may be replaced while it is in use: looked at between decisions, swapped only for a whole and fitting one.</summary>
/// <param name="path">The file.</param>
/// <param name="given">What the host says the policy must be trained for; null to take it from the file.</param>
internal sealed class PolicyWatcher(string path, ServingContract? given)
{
    private (DateTime Written, long Length) seen;

    /// <summary>The policy in use; null before the first good one.</summary>
    public PolicyFile? Current { get; private set; }

    /// <summary>What the policy in use was trained for.</summary>
    public ServingContract? Contract { get; private set; }

    /// <summary>What is wrong with the file as it is now; null while the policy in use is the file's.</summary>
    public string? Problem { get; private set; }

    /// <summary>Looks at the file; cheap while it has not changed.</summary>
    /// <returns>Whether it changed since the last look, for better (<see cref="Problem"/> is null) or worse.</returns>
    public bool Look()
    {
        try
        {
            var file = new FileInfo(path);
            (DateTime Written, long Length) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : (default, -1);
            if (now == seen)
                return false;
            seen = now;
            if (!file.Exists)
                throw new PolicyFormatException($"{file.Name} is not there.");
            (Current, Contract) = Load();
            Problem = null;
        }
        catch (Exception problem) when (problem is PolicyFormatException or IOException or UnauthorizedAccessException)
        {
            Problem = problem.Message;
        }

        return true;
    }

    private (PolicyFile File, ServingContract Contract) Load()
    {
        PolicyFile file = PolicyFile.Load(path, ObservationSchema.Version, ObservationSchema.FieldNames);
        string name = Path.GetFileName(path);
        ServingContract contract = given ?? file.Manifest.Serving
            ?? throw new PolicyFormatException($"{name} does not say which ladders and promises it was trained for; set TunerOptions.Contract.");
        if (contract.Problem() is { } problem)
            throw new PolicyFormatException($"{name}: {problem}.");
        ServingContract? expected = Contract ?? given;
        if (expected is not null && file.Manifest.Serving?.DifferenceFrom(expected) is { } difference)
            throw new PolicyFormatException($"{name} was trained for another engine: {difference}.");
        return (file, contract);
    }
}
