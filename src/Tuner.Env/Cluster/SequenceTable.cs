using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

/// <summary>The running sequences of a replica, column by column, in order of admission.</summary>
internal sealed class SequenceTable
{
    public int Count;
    public int[] Request;
    public int[] Prompt;
    public int[] Output;
    public int[] Target;
    public int[] Done;
    public int[] Chunk;
    public int[] OwnBlocks;
    public int[] SharedPrefixBlocks;
    public double[] Generated;
    public double[] Arrival;
    public double[] FirstToken;
    public double[] Ready;
    public double[] LossTokens;
    public TrafficClass[] Class;

    public SequenceTable(int capacity)
    {
        Request = new int[capacity];
        Prompt = new int[capacity];
        Output = new int[capacity];
        Target = new int[capacity];
        Done = new int[capacity];
        Chunk = new int[capacity];
        OwnBlocks = new int[capacity];
        SharedPrefixBlocks = new int[capacity];
        Generated = new double[capacity];
        Arrival = new double[capacity];
        FirstToken = new double[capacity];
        Ready = new double[capacity];
        LossTokens = new double[capacity];
        Class = new TrafficClass[capacity];
    }

    /// <summary>Whether a sequence's prompt is processed, so that it decodes.</summary>
    public bool Decodes(int i) => Done[i] >= Target[i];

    /// <summary>Moves a row down over a removed one, keeping the order.</summary>
    public void Move(int from, int to)
    {
        Request[to] = Request[from];
        Prompt[to] = Prompt[from];
        Output[to] = Output[from];
        Target[to] = Target[from];
        Done[to] = Done[from];
        Chunk[to] = Chunk[from];
        OwnBlocks[to] = OwnBlocks[from];
        SharedPrefixBlocks[to] = SharedPrefixBlocks[from];
        Generated[to] = Generated[from];
        Arrival[to] = Arrival[from];
        FirstToken[to] = FirstToken[from];
        Ready[to] = Ready[from];
        LossTokens[to] = LossTokens[from];
        Class[to] = Class[from];
    }

    /// <summary>Makes room for more rows.</summary>
    public void Grow(int capacity)
    {
        if (capacity <= Request.Length)
            return;
        Array.Resize(ref Request, capacity);
        Array.Resize(ref Prompt, capacity);
        Array.Resize(ref Output, capacity);
        Array.Resize(ref Target, capacity);
        Array.Resize(ref Done, capacity);
        Array.Resize(ref Chunk, capacity);
        Array.Resize(ref OwnBlocks, capacity);
        Array.Resize(ref SharedPrefixBlocks, capacity);
        Array.Resize(ref Generated, capacity);
        Array.Resize(ref Arrival, capacity);
        Array.Resize(ref FirstToken, capacity);
        Array.Resize(ref Ready, capacity);
        Array.Resize(ref LossTokens, capacity);
        Array.Resize(ref Class, capacity);
    }
}
