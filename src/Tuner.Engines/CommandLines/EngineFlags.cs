using System.Globalization;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.CommandLines;

/// <summary>Writes the command line of one kind of engine.</summary>
public abstract class EngineFlags
{
    /// <param name="setup">What the operator says of the engine.</param>
    /// <exception cref="ArgumentException">The contract is unsound, or drafts are not as many as it names.</exception>
    protected EngineFlags(EngineSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        if (setup.Contract.Problem() is { } problem)
            throw new ArgumentException($"The engine's contract has {problem}.", nameof(setup));
        if (setup.Drafts.Count > 0 && setup.Drafts.Count != setup.Contract.Drafts.Count)
            throw new ArgumentException($"The engine has {setup.Drafts.Count} drafts; the contract names {setup.Contract.Drafts.Count}.", nameof(setup));
        if (setup.Checkpoints.Count == 0 || setup.Layouts.Count == 0)
            throw new ArgumentException("An engine needs at least one checkpoint and one layout.", nameof(setup));
        Setup = setup;
    }

    /// <summary>What the operator says of the engine.</summary>
    public EngineSetup Setup { get; }

    /// <summary>Knobs that this kind of engine has flags for.</summary>
    protected abstract IReadOnlyList<Knob> Written { get; }

    /// <summary>What can be turned when every change takes a start of this kind; what the engine has no flag for, or the setup no choice, cannot.</summary>
    public KnobCapabilities CapabilitiesBy(KnobCapability how)
    {
        var all = default(KnobCapabilities);
        foreach (Knob knob in Written)
        {
            bool choice = knob switch
            {
                Knob.Parallelism => Setup.Layouts.Count > 1,
                Knob.Precision => Setup.Checkpoints.Count > 1,
                Knob.MaxBatch => Setup.Contract.BatchLadder.Count > 1,
                Knob.BatchWait => Setup.Contract.BatchWaitLadder.Count > 1,
                Knob.Speculation => Setup.Drafts.Count > 0,
                Knob.Draft => Setup.Drafts.Count > 1,
                _ => true,
            };
            if (choice)
                all = all.With(knob, how);
        }

        return all;
    }

    /// <summary>Whether the setup has a layout, a checkpoint and a draft for a setting, and the engine a flag for each knob that is not at rest.</summary>
    public bool Supports(in KnobSettings settings)
        => Setup.Layouts.ContainsKey(settings.Parallelism)
            && Setup.Checkpoints.ContainsKey(settings.Precision)
            && (!settings.Speculation || Setup.Drafts.Count > settings.DraftLevel)
            && (settings.BatchWaitLevel == 0 || Written.Contains(Knob.BatchWait))
            && (!settings.KvPrefetch || Written.Contains(Knob.KvPrefetch));

    /// <summary>The command line of a setting.</summary>
    /// <exception cref="ArgumentException">The engine cannot run it.</exception>
    public EngineCommandLine Write(in KnobSettings settings)
        => Supports(settings) ? Compose(settings) : throw new ArgumentException("This engine has no command line for these settings.", nameof(settings));

    /// <summary>Writes a setting that is supported.</summary>
    protected abstract EngineCommandLine Compose(in KnobSettings settings);

    /// <summary>A number as a flag takes it.</summary>
    protected static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
