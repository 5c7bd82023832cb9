using Tuner.Agent.Imitation;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Policy.Observations;

namespace Tuner.Agent.Training;

/// <summary>How the parts of a checkpoint are written and read.</summary>
internal static class CheckpointBinary
{
    public static void WriteSingles(this BinaryWriter writer, ReadOnlySpan<float> values)
    {
        writer.Write(values.Length);
        foreach (float value in values)
            writer.Write(value);
    }

    public static float[] ReadSingles(this BinaryReader reader)
    {
        var values = new float[reader.ReadInt32()];
        for (int i = 0; i < values.Length; i++)
            values[i] = reader.ReadSingle();
        return values;
    }

    public static void WriteWords(this BinaryWriter writer, (ulong S0, ulong S1, ulong S2, ulong S3) state)
    {
        writer.Write(state.S0);
        writer.Write(state.S1);
        writer.Write(state.S2);
        writer.Write(state.S3);
    }

    public static (ulong S0, ulong S1, ulong S2, ulong S3) ReadWords(this BinaryReader reader)
        => (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());

    public static void WriteMoments(this BinaryWriter writer, RunningMoments moments)
    {
        writer.Write(moments.Count);
        for (int i = 0; i < moments.Mean.Length; i++)
        {
            writer.Write(moments.Mean[i]);
            writer.Write(moments.Squares[i]);
        }
    }

    public static void ReadMoments(this BinaryReader reader, RunningMoments moments)
    {
        moments.Count = reader.ReadDouble();
        for (int i = 0; i < moments.Mean.Length; i++)
        {
            moments.Mean[i] = reader.ReadDouble();
            moments.Squares[i] = reader.ReadDouble();
        }
    }

    public static void WriteLearner(this BinaryWriter writer, LearnerState state)
    {
        writer.WriteSingles(state.Parameters);
        writer.WriteSingles(state.First);
        writer.WriteSingles(state.Second);
        writer.Write(state.Steps);
    }

    public static LearnerState ReadLearner(this BinaryReader reader) => new(reader.ReadSingles(), reader.ReadSingles(), reader.ReadSingles(), reader.ReadInt64());

    public static void WriteApprentice(this BinaryWriter writer, Apprentice? apprentice, int logits)
    {
        writer.Write(apprentice is not null);
        if (apprentice is null)
            return;
        writer.WriteSingles(apprentice.Parameters);
        writer.WriteSingles(apprentice.Normalizer.Mean);
        writer.WriteSingles(apprentice.Normalizer.Variance);
        writer.Write(apprentice.Normalizer.Clip);
        writer.Write(logits);
    }

    public static Apprentice? ReadApprentice(this BinaryReader reader, PpoOptions options)
    {
        if (!reader.ReadBoolean())
            return null;
        float[] parameters = reader.ReadSingles();
        var normalizer = new ObservationNormalizer(reader.ReadSingles(), reader.ReadSingles(), reader.ReadSingle());
        return new Apprentice(new ParameterLayout(normalizer.Length, options.HiddenLayers, reader.ReadInt32()), parameters, normalizer);
    }

    public static void WriteProgress(this BinaryWriter writer, TrainingProgress one)
    {
        writer.Write(one.Update);
        writer.Write(one.Steps);
        writer.Write(one.Episodes);
        writer.Write(one.MeanReturn ?? double.NaN);
        foreach (double number in new[] { one.StepsPerSecond, one.ApproxKl, one.Entropy, one.ExplainedVariance, one.ClipFraction, one.PolicyLoss, one.ValueLoss, one.LearningRate })
            writer.Write(number);
        writer.Write(one.Measured.Count);
        foreach ((string name, double value) in one.Measured)
        {
            writer.Write(name);
            writer.Write(value);
        }
    }

    public static TrainingProgress ReadProgress(this BinaryReader reader)
    {
        (int update, long steps, long episodes, double mean) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble());
        var progress = new TrainingProgress(
            update, steps, episodes, double.IsNaN(mean) ? null : mean, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(),
            reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        var measured = new Dictionary<string, double>();
        for (int left = reader.ReadInt32(); left > 0; left--)
            measured.Add(reader.ReadString(), reader.ReadDouble());
        return progress with { Measured = measured };
    }
}
