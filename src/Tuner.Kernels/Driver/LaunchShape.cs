namespace Tuner.Kernels.Driver;

/// <summary>How many blocks of how many threads a launch has.</summary>
/// <param name="GridX">Blocks along x.</param>
/// <param name="BlockX">Threads of a block along x.</param>
/// <param name="GridY">Blocks along y.</param>
/// <param name="GridZ">Blocks along z.</param>
/// <param name="BlockY">Threads of a block along y.</param>
/// <param name="BlockZ">Threads of a block along z.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
public readonly record struct LaunchShape(uint GridX, uint BlockX, uint GridY = 1, uint GridZ = 1, uint BlockY = 1, uint BlockZ = 1, uint SharedBytes = 0);
