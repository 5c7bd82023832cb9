using Tuner.Env.Toys;

namespace Tuner.Env.Tests.Toys;

public sealed class CartPoleTests
{
    [Test]
    public void Step_FromRest_MovesAsTheEquationsSay()
    {
        var environment = new CartPole();
        environment.SetState(0, 0, 0, 0);
        var observation = new float[4];

        StepResult result = environment.Step([1], observation);

        // At rest and upright: θ'' = −(10 / 1.1) / (0.5·(4/3 − 0.1/1.1)), x'' = 10 / 1.1 − 0.05·θ'' / 1.1.
        double turn = -(10 / 1.1) / (0.5 * ((4.0 / 3) - (0.1 / 1.1)));
        double push = (10 / 1.1) - (0.05 * turn / 1.1);
        Assert.That(observation, Is.EqualTo(new[] { 0f, (float)(0.02 * push), 0f, (float)(0.02 * turn) }).Within(1e-7));
        Assert.That(result, Is.EqualTo(new StepResult(1, false, false)));
    }

    [Test]
    public void Step_BeyondTwelveDegrees_Terminates()
    {
        var environment = new CartPole();
        environment.SetState(0, 0, 0.209, 1);

        Assert.That(environment.Step([0], new float[4]).Terminated, Is.True);
        Assert.That(() => environment.Step([0], new float[4]), Throws.InvalidOperationException);
    }
}
