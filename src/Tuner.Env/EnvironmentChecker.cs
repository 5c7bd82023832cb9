using Tuner.Env.Simulation;

namespace Tuner.Env;

/// <summary>Holds an environment to the contract of <see cref="IEnvironment"/>, as Gymnasium's <c>check_env</c> does.</summary>
public static class EnvironmentChecker
{
    private const int Steps = 200;

    /// <summary>Tries an environment out.</summary>
    /// <param name="environment">Left in the middle of nowhere; reset it afterwards.</param>
    /// <returns>What is wrong, one sentence each; empty when all is well.</returns>
    public static IReadOnlyList<string> Check(IEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var findings = new List<string>();
        if (environment.ObservationSpace.Length == 0)
            findings.Add("The observation space has no entry.");
        if (environment.InfoNames.Distinct().Count() != environment.InfoNames.Count)
            findings.Add("Two info values have the same name.");
        Attempt(findings, "resetting", () => CheckSeeding(environment, findings));
        Attempt(findings, "resetting with empty options", () => Reset(environment, 123, new Dictionary<string, double>()));
        Attempt(findings, "stepping", () => CheckSteps(environment, findings));
        Attempt(findings, "stepping twice from one seed", () => CheckDeterminism(environment, findings));
        return [.. findings.Distinct()];
    }

    private static void CheckSeeding(IEnvironment environment, List<string> findings)
    {
        float[] first = Reset(environment, 123), next = Reset(environment, null);
        float[] again = Reset(environment, 123), nextAgain = Reset(environment, null);
        float[] other = Reset(environment, 456);
        foreach (float[] observation in new[] { first, next, again, nextAgain, other })
        {
            if (!environment.ObservationSpace.Contains(observation))
                findings.Add("An observation of a reset lies outside the observation space.");
        }

        if (!first.AsSpan().SequenceEqual(again))
            findings.Add("Two resets with one seed show different observations.");
        if (!next.AsSpan().SequenceEqual(nextAgain))
            findings.Add("Unseeded resets after resets with one seed show different observations.");
    }

    private static void CheckSteps(IEnvironment environment, List<string> findings)
    {
        RandomStream random = RandomStream.For(7, "checker");
        var observation = new float[environment.ObservationSpace.Length];
        environment.Reset(7, null, observation);
        for (int step = 0; step < Steps; step++)
        {
            int[] action = Draw(environment, random, findings);
            StepResult result = environment.Step(action, observation);
            if (!environment.ObservationSpace.Contains(observation))
                findings.Add("An observation of a step lies outside the observation space.");
            if (!float.IsFinite(result.Reward))
                findings.Add("A reward is not finite.");
            foreach (double value in Info(environment))
            {
                if (!double.IsFinite(value))
                    findings.Add("An info value is not finite.");
            }

            if (!result.Terminated && !result.Truncated)
                continue;
            if (step == 0 && result.Truncated)
                findings.Add("The first step was truncated.");
            try
            {
                environment.Step(action, observation);
                findings.Add("A step after the end of an episode was accepted.");
            }
            catch (InvalidOperationException)
            {
                // As it should.
            }

            environment.Reset(null, null, observation);
        }

        int[] outside = Draw(environment, random, findings);
        outside[0] = environment.ActionSpace.Sizes[0];
        try
        {
            environment.Step(outside, observation);
            findings.Add("An action outside the action space was accepted.");
        }
        catch (ArgumentException)
        {
            // As it should.
        }
    }

    private static void CheckDeterminism(IEnvironment environment, List<string> findings)
    {
        (float[] Observation, StepResult Result, double[] Info, bool[] Mask)[] Run()
        {
            RandomStream random = RandomStream.For(11, "checker");
            var observation = new float[environment.ObservationSpace.Length];
            environment.Reset(123, null, observation);
            var trail = new List<(float[], StepResult, double[], bool[])>();
            for (int step = 0; step < Steps; step++)
            {
                StepResult result = environment.Step(Draw(environment, random, findings), observation);
                trail.Add(([.. observation], result, Info(environment), result.Terminated || result.Truncated ? [] : Mask(environment)));
                if (result.Terminated || result.Truncated)
                    environment.Reset(null, null, observation);
            }

            return [.. trail];
        }

        var one = Run();
        var two = Run();
        for (int step = 0; step < one.Length; step++)
        {
            if (!one[step].Observation.AsSpan().SequenceEqual(two[step].Observation))
                findings.Add("The same actions from one seed show different observations.");
            if (one[step].Result != two[step].Result)
                findings.Add("The same actions from one seed return different results.");
            if (!one[step].Info.AsSpan().SequenceEqual(two[step].Info))
                findings.Add("The same actions from one seed give different info.");
            if (!one[step].Mask.AsSpan().SequenceEqual(two[step].Mask))
                findings.Add("The same actions from one seed leave different masks.");
        }
    }

    private static int[] Draw(IEnvironment environment, RandomStream random, List<string> findings)
    {
        bool[] mask = Mask(environment);
        var action = new int[environment.ActionSpace.HeadCount];
        int offset = 0;
        for (int head = 0; head < action.Length; head++)
        {
            int size = environment.ActionSpace.Sizes[head];
            int[] allowed = [.. Enumerable.Range(0, size).Where(value => mask[offset + value])];
            if (allowed.Length == 0)
                findings.Add($"The mask allows no value of head {head}.");
            else
                action[head] = allowed[random.NextInt(allowed.Length)];
            offset += size;
        }

        return action;
    }

    private static float[] Reset(IEnvironment environment, ulong? seed, IReadOnlyDictionary<string, double>? options = null)
    {
        // NaN beforehand shows entries the environment forgot to write.
        var observation = new float[environment.ObservationSpace.Length];
        Array.Fill(observation, float.NaN);
        environment.Reset(seed, options, observation);
        return observation;
    }

    private static bool[] Mask(IEnvironment environment)
    {
        var mask = new bool[environment.ActionSpace.TotalSize];
        environment.WriteActionMask(mask);
        return mask;
    }

    private static double[] Info(IEnvironment environment)
    {
        var info = new double[environment.InfoNames.Count];
        environment.WriteInfo(info);
        return info;
    }

    private static void Attempt(List<string> findings, string what, Action check)
    {
        try
        {
            check();
        }
#pragma warning disable CA1031 // Whatever an environment throws is a finding about it.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            findings.Add($"While {what}: {problem.GetType().Name}: {problem.Message}");
        }
    }
}
