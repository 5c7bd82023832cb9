using Tuner.Env.Simulation;
using Tuner.Env.Spaces;

namespace Tuner.Env.Toys;

/// <summary>Swing a two-link pendulum up with a motor at its elbow: Gymnasium's <c>Acrobot-v1</c>, for comparing agents.</summary>
/// <remarks>
/// Sutton (1996), with the equations of motion of the book (Sutton and Barto, section 11.3), one Runge–Kutta step of 0.2 s. Links of 1 m
/// and 1 kg, centres of mass at half their length, moments of inertia 1. Reward −1 a step and 0 for the last; terminated when the tip is
/// one link above the pivot; truncated after 500 steps.
/// </remarks>
public sealed class Acrobot : IEnvironment
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int MaxSteps = 500;

    private const double Gravity = 9.8;
    private const double TickSeconds = 0.2;
    private const double Mass = 1;
    private const double Length = 1;
    private const double Centre = 0.5;
    private const double Inertia = 1;
    private const double FirstSpeedLimit = 4 * Math.PI;
    private const double SecondSpeedLimit = 9 * Math.PI;

    private RandomStream random = RandomStream.For(0, "acrobot");
    private Motion state;
    private int steps;
    private bool running;

    /// <inheritdoc/>
    public BoxSpace ObservationSpace { get; } = new(
        [-1, -1, -1, -1, (float)-FirstSpeedLimit, (float)-SecondSpeedLimit], [1, 1, 1, 1, (float)FirstSpeedLimit, (float)SecondSpeedLimit]);

    /// <inheritdoc/>
    public MultiDiscreteSpace ActionSpace { get; } = new([3]);

    /// <inheritdoc/>
    public IReadOnlyList<string> InfoNames => [];

    /// <summary>Angles (of the first link from hanging down, of the second from the first) and their speeds, radians and seconds.</summary>
    internal (double First, double Second, double FirstSpeed, double SecondSpeed) State
    {
        get => (state.First, state.Second, state.FirstSpeed, state.SecondSpeed);
        set => (state, steps, running) = (new Motion(value.First, value.Second, value.FirstSpeed, value.SecondSpeed), 0, true);
    }

    /// <inheritdoc/>
    public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation)
    {
        if (seed is ulong given)
            random = RandomStream.For(given, "acrobot");
        State = (Small(), Small(), Small(), Small());
        Write(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<int> action, Span<float> observation)
    {
        if (!running)
            throw new InvalidOperationException("The episode is over or has not begun; reset first.");
        if (!ActionSpace.Contains(action))
            throw new ArgumentException("An action is one value: 0 pulls, 1 rests, 2 pushes.", nameof(action));
        double torque = action[0] - 1;
        Motion k1 = Change(state, torque);
        Motion k2 = Change(state.Plus(k1, TickSeconds / 2), torque);
        Motion k3 = Change(state.Plus(k2, TickSeconds / 2), torque);
        Motion k4 = Change(state.Plus(k3, TickSeconds), torque);
        Motion next = state.Plus(k1, TickSeconds / 6).Plus(k2, TickSeconds / 3).Plus(k3, TickSeconds / 3).Plus(k4, TickSeconds / 6);
        state = new Motion(
            Wrapped(next.First), Wrapped(next.Second),
            Math.Clamp(next.FirstSpeed, -FirstSpeedLimit, FirstSpeedLimit), Math.Clamp(next.SecondSpeed, -SecondSpeedLimit, SecondSpeedLimit));
        steps++;

        bool swungUp = -Math.Cos(state.First) - Math.Cos(state.First + state.Second) > Length;
        bool cut = steps >= MaxSteps;
        running = !swungUp && !cut;
        Write(observation);
        return new StepResult(swungUp ? 0 : -1, swungUp, cut);
    }

    /// <inheritdoc/>
    public void WriteActionMask(Span<bool> mask) => mask.Fill(true);

    /// <inheritdoc/>
    public void WriteInfo(Span<double> info)
    {
    }

    private static Motion Change(in Motion now, double torque)
    {
        double cos = Math.Cos(now.Second);
        double sin = Math.Sin(now.Second);
        double d1 = (Mass * Centre * Centre) + (Mass * ((Length * Length) + (Centre * Centre) + (2 * Length * Centre * cos))) + (2 * Inertia);
        double d2 = (Mass * ((Centre * Centre) + (Length * Centre * cos))) + Inertia;
        double phi2 = Mass * Centre * Gravity * Math.Cos(now.First + now.Second - (Math.PI / 2));
        double phi1 = (-Mass * Length * Centre * now.SecondSpeed * now.SecondSpeed * sin) - (2 * Mass * Length * Centre * now.SecondSpeed * now.FirstSpeed * sin)
            + (((Mass * Centre) + (Mass * Length)) * Gravity * Math.Cos(now.First - (Math.PI / 2))) + phi2;
        double second = (torque + (d2 / d1 * phi1) - (Mass * Length * Centre * now.FirstSpeed * now.FirstSpeed * sin) - phi2)
            / ((Mass * Centre * Centre) + Inertia - (d2 * d2 / d1));
        double first = -((d2 * second) + phi1) / d1;
        return new Motion(now.FirstSpeed, now.SecondSpeed, first, second);
    }

    private static double Wrapped(double angle)
    {
        double turned = (angle + Math.PI) % (2 * Math.PI);
        return (turned < 0 ? turned + (2 * Math.PI) : turned) - Math.PI;
    }

    private double Small() => (random.NextDouble() * 0.2) - 0.1;

    private void Write(Span<float> observation)
    {
        observation[0] = (float)Math.Cos(state.First);
        observation[1] = (float)Math.Sin(state.First);
        observation[2] = (float)Math.Cos(state.Second);
        observation[3] = (float)Math.Sin(state.Second);
        observation[4] = (float)state.FirstSpeed;
        observation[5] = (float)state.SecondSpeed;
    }

    private readonly record struct Motion(double First, double Second, double FirstSpeed, double SecondSpeed)
    {
        public Motion Plus(in Motion change, double share) => new(
            First + (share * change.First), Second + (share * change.Second), FirstSpeed + (share * change.FirstSpeed), SecondSpeed + (share * change.SecondSpeed));
    }
}
