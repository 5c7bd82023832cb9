// Three small kernels whose compiled resources the tests read back. Compiled by NVRTC 12.4 with -arch=sm_80 and -arch=sm_90.

// Static shared memory, two barriers' worth of threads, launch bounds.
extern "C" __global__ __launch_bounds__(256, 2) void tile_sum(const float *values, float *sums, int count)
{
    __shared__ float tile[256];
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    tile[threadIdx.x] = at < count ? values[at] : 0.0f;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2)
    {
        if (threadIdx.x < half)
            tile[threadIdx.x] += tile[threadIdx.x + half];
        __syncthreads();
    }

    if (threadIdx.x == 0)
        sums[blockIdx.x] = tile[0];
}

// Dynamic shared memory only, and no bounds.
extern "C" __global__ void scale(float *values, float factor, int count)
{
    extern __shared__ float copy[];
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count)
        return;
    copy[threadIdx.x] = values[at];
    values[at] = copy[threadIdx.x] * factor;
}

// Many registers: 64 accumulators that all stay alive.
extern "C" __global__ void outer(const float *left, const float *right, float *products, int steps)
{
    float sums[8][8] = {};
    for (int step = 0; step < steps; step++)
    {
        float a[8], b[8];
#pragma unroll
        for (int i = 0; i < 8; i++)
        {
            a[i] = left[(step * 8 + i) * blockDim.x + threadIdx.x];
            b[i] = right[(step * 8 + i) * blockDim.x + threadIdx.x];
        }
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < 8; j++)
                sums[i][j] += a[i] * b[j];
    }
#pragma unroll
    for (int i = 0; i < 8; i++)
#pragma unroll
        for (int j = 0; j < 8; j++)
            products[(i * 8 + j) * blockDim.x + threadIdx.x] = sums[i][j];
}
