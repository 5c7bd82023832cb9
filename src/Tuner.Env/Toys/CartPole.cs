using Tuner.Env.Simulation;
using Tuner.Env.Spaces;

namespace Tuner.Env.Toys;

/// <summary>Balance a pole on a cart: Gymnasium's <c>CartPole-v1</c>, equation for equation, for comparing agents.</summary>
/// <remarks>
/// Barto, Sutton and Anderson (1983), explicit Euler at 0.02 s. Reward 1 a step; terminated beyond 2.4 m or 12°; truncated
/// after 500 steps. An agent that averages 475 has solved it.
/// </remarks>
public sealed class CartPole : IEnvironment
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int MaxSteps = 500;

    private const double Gravity = 9.8;
    private const double PoleMass = 0.1;
    private const double TotalMass = 1.0 + PoleMass;
    private const double HalfLength = 0.5;
    private const double PoleMassLength = PoleMass * HalfLength;
    private const double Force = 10;
    private const double TickSeconds = 0.02;
    private const double AngleLimit = 12 * 2 * Math.PI / 360;
    private const double PositionLimit = 2.4;

    private RandomStream random = RandomStream.For(0, "cartpole");
    private double position;
    private double velocity;
    private double angle;
    private double angularVelocity;
    private int steps;
    private bool running;

    /// <inheritdoc/>
    public BoxSpace ObservationSpace { get; } = new(
        [(float)(-2 * PositionLimit), float.NegativeInfinity, (float)(-2 * AngleLimit), float.NegativeInfinity],
        [(float)(2 * PositionLimit), float.PositiveInfinity, (float)(2 * AngleLimit), float.PositiveInfinity]);

    /// <inheritdoc/>
    public MultiDiscreteSpace ActionSpace { get; } = new([2]);

    /// <inheritdoc/>
    public IReadOnlyList<string> InfoNames => [];

    /// <inheritdoc/>
    public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation)
    {
        if (seed is ulong given)
            random = RandomStream.For(given, "cartpole");
        SetState(Small(), Small(), Small(), Small());
        Write(observation);
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<int> action, Span<float> observation)
    {
        if (!running)
            throw new InvalidOperationException("The episode is over or has not begun; reset first.");
        if (!ActionSpace.Contains(action))
            throw new ArgumentException("An action is one value: 0 pushes left, 1 right.", nameof(action));

        double force = action[0] == 1 ? Force : -Force;
        (double sin, double cos) = Math.SinCos(angle);
        double push = (force + (PoleMassLength * angularVelocity * angularVelocity * sin)) / TotalMass;
        double angularAcceleration = ((Gravity * sin) - (cos * push)) / (HalfLength * ((4.0 / 3.0) - (PoleMass * cos * cos / TotalMass)));
        double acceleration = push - (PoleMassLength * angularAcceleration * cos / TotalMass);
        position += TickSeconds * velocity;
        velocity += TickSeconds * acceleration;
        angle += TickSeconds * angularVelocity;
        angularVelocity += TickSeconds * angularAcceleration;
        steps++;

        bool fell = Math.Abs(position) > PositionLimit || Math.Abs(angle) > AngleLimit;
        bool cut = steps >= MaxSteps;
        running = !fell && !cut;
        Write(observation);
        return new StepResult(1, fell, cut);
    }

    /// <inheritdoc/>
    public void WriteActionMask(Span<bool> mask) => mask.Fill(true);

    /// <inheritdoc/>
    public void WriteInfo(Span<double> info)
    {
    }

    internal void SetState(double x, double speed, double tilt, double tiltSpeed)
    {
        (position, velocity, angle, angularVelocity) = (x, speed, tilt, tiltSpeed);
        steps = 0;
        running = true;
    }

    private double Small() => (random.NextDouble() * 0.1) - 0.05;

    private void Write(Span<float> observation)
    {
        observation[0] = (float)position;
        observation[1] = (float)velocity;
        observation[2] = (float)angle;
        observation[3] = (float)angularVelocity;
    }
}
