using System.Collections;
using System.Collections.ObjectModel;
using System.Data.Common;

namespace Tuner.Cli.Reporting;

/// <summary>Rows as the CSV library reads them: one after another, cell by cell, without a copy of the table.</summary>
internal sealed class CsvRows<T>(IEnumerable<T> rows, IReadOnlyList<CsvColumn<T>> columns) : DbDataReader, IDbColumnSchemaGenerator
{
    private readonly IEnumerator<T> current = rows.GetEnumerator();

    public override int FieldCount => columns.Count;

    public override bool HasRows => true;

    public override bool IsClosed => false;

    public override int Depth => 0;

    public override int RecordsAffected => 0;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public ReadOnlyCollection<DbColumn> GetColumnSchema() => new([.. columns.Select((column, i) => new Description(column, i))]);

    public override bool Read() => current.MoveNext();

    public override bool NextResult() => false;

    public override string GetName(int ordinal) => columns[ordinal].Name;

    public override int GetOrdinal(string name) => columns.ToList().FindIndex(column => column.Name == name);

    public override Type GetFieldType(int ordinal) => columns[ordinal].Type;

    public override string GetDataTypeName(int ordinal) => columns[ordinal].Type.Name;

    public override bool IsDBNull(int ordinal) => columns[ordinal].IsEmpty(current.Current);

    public override int GetInt32(int ordinal) => columns[ordinal].Cell<int>(current.Current);

    public override double GetDouble(int ordinal) => columns[ordinal].Cell<double>(current.Current);

    public override string GetString(int ordinal) => columns[ordinal].Cell<string?>(current.Current)!;

    public override bool GetBoolean(int ordinal) => columns[ordinal].Cell<bool>(current.Current);

    public override object GetValue(int ordinal) => throw Unasked(ordinal);

    public override int GetValues(object[] values) => throw Unasked(0);

    public override byte GetByte(int ordinal) => throw Unasked(ordinal);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw Unasked(ordinal);

    public override char GetChar(int ordinal) => throw Unasked(ordinal);

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw Unasked(ordinal);

    public override DateTime GetDateTime(int ordinal) => throw Unasked(ordinal);

    public override decimal GetDecimal(int ordinal) => throw Unasked(ordinal);

    public override float GetFloat(int ordinal) => throw Unasked(ordinal);

    public override Guid GetGuid(int ordinal) => throw Unasked(ordinal);

    public override short GetInt16(int ordinal) => throw Unasked(ordinal);

    public override long GetInt64(int ordinal) => throw Unasked(ordinal);

    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    private NotSupportedException Unasked(int ordinal) => new($"Column {columns[ordinal].Name} holds {columns[ordinal].Type.Name}.");

    private sealed class Description : DbColumn
    {
        public Description(CsvColumn<T> column, int ordinal)
        {
            ColumnName = column.Name;
            ColumnOrdinal = ordinal;
            DataType = column.Type;
            AllowDBNull = true;
        }
    }
}
