using Tuner.Env.Toys;

namespace Tuner.Env.Tests.Toys;

public sealed class AcrobotTests
{
    [Test]
    public void Step_WithoutTorque_KeepsItsEnergy()
    {
        var environment = new Acrobot();
        environment.Reset(1, null, new float[6]);
        environment.State = (0.8, -0.4, 0.3, 0.2);
        double before = Energy(environment);

        for (int i = 0; i < 50; i++)
        {
            environment.Step([1], new float[6]);
            Assert.That(Energy(environment), Is.EqualTo(before).Within(2).Percent, "only the integration's error may change it");
        }
    }

    [Test]
    public void Step_HangingAtRestWithoutTorque_Rests()
    {
        var environment = new Acrobot();
        environment.State = (0, 0, 0, 0);
        var observation = new float[6];

        StepResult result = environment.Step([1], observation);

        Assert.That(observation, Is.EqualTo(new float[] { 1, 0, 1, 0, 0, 0 }).Within(1e-6));
        Assert.That(result, Is.EqualTo(new StepResult(-1, false, false)));
    }

    [Test]
    public void Step_TipALinkAboveThePivot_TerminatesWithoutAPenalty()
    {
        var environment = new Acrobot();
        environment.State = (Math.PI - 0.05, 0, 0.5, 0);

        Assert.That(environment.Step([1], new float[6]), Is.EqualTo(new StepResult(0, true, false)));
        Assert.That(() => environment.Step([1], new float[6]), Throws.InvalidOperationException);
    }

    [Test]
    public void Step_FiveHundredTimes_IsTruncated()
    {
        var environment = new Acrobot();
        var observation = new float[6];
        environment.Reset(1, null, observation);
        StepResult result = default;
        for (int i = 0; i < Acrobot.MaxSteps; i++)
            result = environment.Step([1], observation);

        Assert.That(result, Is.EqualTo(new StepResult(-1, false, true)));
    }

    /// <summary>Kinetic and potential energy from the positions of the two centres of mass, J; nothing of the equations of motion is used.</summary>
    private static double Energy(Acrobot acrobot)
    {
        (double first, double second, double firstSpeed, double secondSpeed) = acrobot.State;
        double both = first + second;
        double bothSpeed = firstSpeed + secondSpeed;
        double x = (Math.Cos(first) * firstSpeed) + (0.5 * Math.Cos(both) * bothSpeed);
        double y = (Math.Sin(first) * firstSpeed) + (0.5 * Math.Sin(both) * bothSpeed);
        double kinetic = (0.5 * 0.25 * firstSpeed * firstSpeed) + (0.5 * ((x * x) + (y * y))) + (0.5 * firstSpeed * firstSpeed) + (0.5 * bothSpeed * bothSpeed);
        return kinetic - (9.8 * 0.5 * Math.Cos(first)) - (9.8 * (Math.Cos(first) + (0.5 * Math.Cos(both))));
    }
}
