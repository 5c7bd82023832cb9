using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Policy.Files;

/// <summary>A trained policy as it travels: <c>*.tuner</c>.</summary>
/// <remarks>
/// Layout, little-endian: <c>TUNERPOL</c>, format version (int32), header length (int32), weight count (int64), the
/// header as JSON in UTF-8, the weights as float32 (of each layer its rows, then its biases), and the SHA-256 of all before.
/// </remarks>
public sealed class PolicyFile
{
    private const int FormatVersion = 1;
    private const int PreludeLength = 24;
    private const int HashLength = 32;

    /// <summary>Puts a policy together.</summary>
    /// <param name="schemaVersion">Version of the observation schema it was trained with.</param>
    /// <param name="fields">Names of the observation's fields, in order.</param>
    /// <param name="headSizes">Values of each action head.</param>
    /// <param name="normalizer">What training measured of the observations.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="manifest">Where it comes from.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public PolicyFile(
        int schemaVersion, IReadOnlyList<string> fields, IReadOnlyList<int> headSizes,
        ObservationNormalizer normalizer, PolicyNetwork network, PolicyManifest manifest)
    {
        if (fields.Count != network.Inputs || normalizer.Length != network.Inputs)
            throw new ArgumentException($"{fields.Count} fields and {normalizer.Length} normaliser entries for a network of {network.Inputs} inputs.");
        if (headSizes.Sum() != network.Outputs)
            throw new ArgumentException($"Heads with {headSizes.Sum()} values for a network of {network.Outputs} outputs.");
        SchemaVersion = schemaVersion;
        Fields = [.. fields];
        HeadSizes = [.. headSizes];
        Normalizer = normalizer;
        Network = network;
        Manifest = manifest;
    }

    /// <summary>Version of the observation schema it was trained with.</summary>
    public int SchemaVersion { get; }

    /// <summary>Names of the observation's fields, in order.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Values of each action head.</summary>
    public IReadOnlyList<int> HeadSizes { get; }

    /// <summary>What training measured of the observations; apply it before the network.</summary>
    public ObservationNormalizer Normalizer { get; }

    /// <summary>The trained network.</summary>
    public PolicyNetwork Network { get; }

    /// <summary>Where the policy comes from.</summary>
    public PolicyManifest Manifest { get; }

    /// <summary>Reads a policy.</summary>
    /// <exception cref="PolicyFormatException">The file is not a whole, undamaged policy file.</exception>
    public static PolicyFile Load(string path) => Read(File.ReadAllBytes(path), Path.GetFileName(path));

    /// <summary>Reads a policy that must understand the observations this build encodes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schemaVersion">The version of the observation schema in use.</param>
    /// <param name="fields">The names of its fields, in order.</param>
    /// <exception cref="PolicyFormatException">The file is not a whole, undamaged policy file, or expects other observations.</exception>
    public static PolicyFile Load(string path, int schemaVersion, IReadOnlyList<string> fields)
    {
        PolicyFile policy = Load(path);
        string name = Path.GetFileName(path);
        if (policy.SchemaVersion != schemaVersion || policy.Fields.Count != fields.Count)
        {
            throw new PolicyFormatException(
                $"{name} expects observation schema {policy.SchemaVersion} with {policy.Fields.Count} fields; " +
                $"this build encodes schema {schemaVersion} with {fields.Count}.");
        }

        for (int i = 0; i < fields.Count; i++)
        {
            if (policy.Fields[i] != fields[i])
                throw new PolicyFormatException($"{name} expects field {i} of the observation to be {policy.Fields[i]}; this build encodes {fields[i]} there.");
        }

        return policy;
    }

    /// <summary>Writes the policy, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, ToBytes());

    internal byte[] ToBytes()
    {
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(
            new PolicyHeader
            {
                SchemaVersion = SchemaVersion,
                Fields = [.. Fields],
                HeadSizes = [.. HeadSizes],
                Layers = [.. Network.Layers.Select(layer => new[] { layer.Inputs, layer.Outputs })],
                Mean = Normalizer.Mean.ToArray(),
                Variance = Normalizer.Variance.ToArray(),
                Clip = float.IsFinite(Normalizer.Clip) ? Normalizer.Clip : null,
                Manifest = Manifest,
            },
            PolicyHeaderJson.Default.PolicyHeader);
        long count = Network.Layers.Sum(layer => ((long)layer.Inputs + 1) * layer.Outputs);
        var bytes = new byte[PreludeLength + header.Length + (4 * count) + HashLength];

        "TUNERPOL"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), header.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), count);
        header.CopyTo(bytes, PreludeLength);
        int at = PreludeLength + header.Length;
        foreach (DenseLayer layer in Network.Layers)
        {
            at = Put(bytes, at, layer.CopyWeights());
            at = Put(bytes, at, layer.Biases);
        }

        SHA256.HashData(bytes.AsSpan(0, at), bytes.AsSpan(at));
        return bytes;
    }

    internal static PolicyFile Read(byte[] bytes, string name)
    {
        if (bytes.Length < 8 || !bytes.AsSpan(0, 8).SequenceEqual("TUNERPOL"u8))
            throw new PolicyFormatException($"{name} is not a policy file: it does not begin with TUNERPOL.");
        if (bytes.Length < PreludeLength)
            throw new PolicyFormatException($"{name} is truncated: {bytes.Length} bytes do not hold a policy file's first {PreludeLength}.");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        if (version != FormatVersion)
            throw new PolicyFormatException($"{name} has policy format {version}; this build reads format {FormatVersion}.");
        int headerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        long count = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16));
        if (headerLength < 0 || count < 0 || count > int.MaxValue)
            throw new PolicyFormatException($"{name} is damaged: it claims a header of {headerLength} bytes and {count} weights.");
        long expected = PreludeLength + headerLength + (4 * count) + HashLength;
        if (bytes.Length < expected)
            throw new PolicyFormatException($"{name} is truncated: {bytes.Length} of {expected} bytes are there.");
        if (bytes.Length > expected)
            throw new PolicyFormatException($"{name} is damaged: {bytes.Length - expected} bytes follow its end.");
        if (!SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashLength)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashLength)))
            throw new PolicyFormatException($"{name} is damaged: its SHA-256 checksum does not match its contents.");

        try
        {
            PolicyHeader header = JsonSerializer.Deserialize(bytes.AsSpan(PreludeLength, headerLength), PolicyHeaderJson.Default.PolicyHeader)
                ?? throw new ArgumentException("the header is empty");
            int at = PreludeLength + headerLength;
            var layers = new List<DenseLayer>();
            foreach (int[] shape in header.Layers)
            {
                float[] weights = Take(bytes, ref at, checked(shape[0] * shape[1]));
                layers.Add(new DenseLayer(weights, Take(bytes, ref at, shape[1])));
            }

            if (at != bytes.Length - HashLength)
                throw new ArgumentException("the layers' shapes do not account for every weight");
            var normalizer = new ObservationNormalizer(header.Mean, header.Variance, header.Clip ?? float.PositiveInfinity);
            return new PolicyFile(header.SchemaVersion, header.Fields, header.HeadSizes, normalizer, new PolicyNetwork(layers), header.Manifest);
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new PolicyFormatException($"{name} has a header that contradicts itself: {problem.Message}", problem);
        }
    }

    private static int Put(byte[] bytes, int at, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);
            at += 4;
        }

        return at;
    }

    private static float[] Take(byte[] bytes, ref int at, int count)
    {
        if (count < 0 || at + (4L * count) > bytes.Length - HashLength)
            throw new ArgumentException("the layers' shapes ask for more weights than there are");
        var values = new float[count];
        for (int i = 0; i < count; i++, at += 4)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
        return values;
    }
}
