using System.IO.Compression;

namespace Tuner.Env.Traffic;

/// <summary>Turns damage found while decompressing into a sentence that names the file.</summary>
/// <remarks>.NET's gzip stream ends quietly where a file was cut off; the missing trailer is noticed here.</remarks>
internal sealed class GuardedStream(Stream inner, string name) : Stream
{
    private long total;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = inner.Read(buffer);
            total += read;
            if (read == 0 && buffer.Length > 0)
                CheckEnd();
            return read;
        }
        catch (InvalidDataException broken)
        {
            throw new TrafficFormatException($"{name}: broken gzip data; the file seems damaged or cut off.", broken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>RFC 1952: a gzip member ends with its uncompressed length, modulo 2³².</summary>
    /// <remarks>A file may hold several members one after another, so more than the last length says is no sign of damage.</remarks>
    private void CheckEnd()
    {
        if (inner is not GZipStream { BaseStream: FileStream file })
            return;
        Span<byte> trailer = stackalloc byte[4];
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(trailer);
        if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer) > total)
            throw new TrafficFormatException($"{name}: the gzip data ends early after {total} bytes; the file seems cut off.");
    }
}
