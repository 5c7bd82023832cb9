using System.Numerics;

namespace Tuner.Env.Cluster;

/// <summary>Where blocks are, by their hash: open addressing with linear probing over flat arrays, so that it is copied in no time.</summary>
internal sealed class BlockIndex
{
    private const int Empty = -1;

    private const int FirstCapacity = 1024;

    private ulong[] hashes = new ulong[FirstCapacity];
    private int[] places = Filled(FirstCapacity);
    private int count;

    public bool Contains(ulong hash) => places[Slot(hash)] != Empty;

    /// <summary>Finds a block.</summary>
    public bool TryGet(ulong hash, out int place) => (place = places[Slot(hash)]) != Empty;

    /// <summary>Adds a block that is not there.</summary>
    public void Add(ulong hash, int place)
    {
        if (2 * (count + 1) > places.Length)
            Grow();
        int slot = Slot(hash);
        hashes[slot] = hash;
        places[slot] = place;
        count++;
    }

    /// <summary>Removes a block that is there.</summary>
    public void Remove(ulong hash)
    {
        int mask = places.Length - 1;
        int hole = Slot(hash);
        places[hole] = Empty;
        count--;

        // Later blocks of the same run move up, or probing would stop before them (Knuth, TAOCP 3, 6.4, Algorithm R).
        for (int slot = (hole + 1) & mask; places[slot] != Empty; slot = (slot + 1) & mask)
        {
            int home = Home(hashes[slot]);
            bool between = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
            if (between)
                continue;
            hashes[hole] = hashes[slot];
            places[hole] = places[slot];
            places[slot] = Empty;
            hole = slot;
        }
    }

    /// <summary>Becomes a copy of another index.</summary>
    public void CopyFrom(BlockIndex other)
    {
        if (count == 0 && other.count == 0)
            return;
        if (places.Length != other.places.Length)
            (hashes, places) = (new ulong[other.hashes.Length], new int[other.places.Length]);
        count = other.count;
        Array.Copy(other.places, places, places.Length);
        Array.Copy(other.hashes, hashes, hashes.Length);
    }

    private int Home(ulong hash) => (int)((hash * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((uint)places.Length)));

    private int Slot(ulong hash)
    {
        int mask = places.Length - 1;
        int slot = Home(hash);
        while (places[slot] != Empty && hashes[slot] != hash)
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        (ulong[] oldHashes, int[] oldPlaces) = (hashes, places);
        hashes = new ulong[2 * oldHashes.Length];
        places = Filled(2 * oldPlaces.Length);
        count = 0;
        for (int i = 0; i < oldPlaces.Length; i++)
        {
            if (oldPlaces[i] != Empty)
                Add(oldHashes[i], oldPlaces[i]);
        }
    }

    private static int[] Filled(int length)
    {
        int[] filled = new int[length];
        Array.Fill(filled, Empty);
        return filled;
    }
}
