using System.Globalization;
using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using Sylvan.Data.Csv;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Opens a table kept as Parquet, CSV or gzipped CSV.</summary>
public static class TableFile
{
    /// <summary>Reads a table by the end of its name, or of the first of <c>path.parquet</c>, <c>path.csv.gz</c>, <c>path.csv</c> that exists.</summary>
    /// <exception cref="CalibrationException">There is no such file, or it is not what its name says.</exception>
    public static Table Read(string path)
    {
        string? found = Find(path) ?? throw new CalibrationException($"{path}: there is no such table, as .parquet, .csv.gz or .csv.");
        try
        {
            return found.EndsWith(".parquet", StringComparison.Ordinal)
                ? ReadParquetAsync(found).GetAwaiter().GetResult()
                : ReadCsv(found);
        }
        catch (Exception problem) when (problem is ParquetException or CsvFormatException or InvalidDataException or IOException)
        {
            throw new CalibrationException($"{found}: the table cannot be read: {problem.Message}", problem);
        }
    }

    /// <summary>The file a table's path stands for; null when there is none.</summary>
    public static string? Find(string path) =>
        new[] { path, path + ".parquet", path + ".csv.gz", path + ".csv" }.FirstOrDefault(File.Exists);

    private static Table ReadCsv(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(text);
        using CsvDataReader csv = CsvDataReader.Create(reader);
        var columns = new List<string>[csv.FieldCount];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = [];
        var known = new StringPool();
        while (csv.Read())
        {
            if (csv.RowFieldCount <= 1 && columns.Length > 1 && csv.GetFieldSpan(0).IsEmpty)
                continue; // an empty line, which some tables group their rows with
            if (csv.RowFieldCount < columns.Length)
                throw new CalibrationException($"{Path.GetFileName(path)}:{csv.RowNumber + 1}: {csv.RowFieldCount} fields were found; {columns.Length} were expected.");
            for (int i = 0; i < columns.Length; i++)
                columns[i].Add(known.Get(csv.GetFieldSpan(i)));
        }

        return new Table(path, Enumerable.Range(0, columns.Length).ToDictionary(csv.GetName, i => columns[i].ToArray()));
    }

    private static async Task<Table> ReadParquetAsync(string path)
    {
        ParquetReader reader = await ParquetReader.CreateAsync(path).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            DataField[] fields = reader.Schema.GetDataFields();
            var columns = fields.ToDictionary(field => field.Name, _ => new List<string>());
            for (int group = 0; group < reader.RowGroupCount; group++)
            {
                using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
                foreach (DataField field in fields)
                    columns[field.Name].AddRange(await ReadColumnAsync(rows, field).ConfigureAwait(false));
            }

            return new Table(path, columns.ToDictionary(column => column.Key, column => column.Value.ToArray()));
        }
    }

    private static async Task<IEnumerable<string>> ReadColumnAsync(ParquetRowGroupReader rows, DataField field)
    {
        int count = (int)rows.RowCount;
        if (field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>))
        {
            var text = new string?[count];
            await rows.ReadAsync(field, text.AsMemory()!).ConfigureAwait(false);
            return text.Select(value => value ?? "");
        }

        if (field.ClrType == typeof(double))
            return await ReadNumbersAsync<double>(rows, field, count).ConfigureAwait(false);
        if (field.ClrType == typeof(float))
            return await ReadNumbersAsync<float>(rows, field, count).ConfigureAwait(false);
        if (field.ClrType == typeof(long))
            return await ReadNumbersAsync<long>(rows, field, count).ConfigureAwait(false);
        if (field.ClrType == typeof(int))
            return await ReadNumbersAsync<int>(rows, field, count).ConfigureAwait(false);
        if (field.ClrType == typeof(bool))
            return await ReadNumbersAsync<bool>(rows, field, count).ConfigureAwait(false);
        throw new CalibrationException($"Column '{field.Name}' holds {field.ClrType.Name}; text or numbers were expected.");
    }

    private static async Task<IEnumerable<string>> ReadNumbersAsync<T>(ParquetRowGroupReader rows, DataField field, int count)
        where T : struct, IConvertible
    {
        if (!field.IsNullable)
        {
            var values = new T[count];
            await rows.ReadAsync(field, values.AsMemory()).ConfigureAwait(false);
            return values.Select(value => value.ToString(CultureInfo.InvariantCulture));
        }

        var optional = new T?[count];
        await rows.ReadAsync(field, optional.AsMemory()).ConfigureAwait(false);
        return optional.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "");
    }
}
