using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace OpsConsole.Ground.Store;

/// <summary>
/// How rows of one table are inserted. Table, columns and conversions are asked of the model, so that what is written here is what the change tracker would have written,
/// and no migration can drift away from it.
/// </summary>
internal sealed class RowInsert
{
    private static readonly ConcurrentDictionary<IEntityType, RowInsert> Known = new();
    private readonly List<Column> columns;

    private sealed record Column(IClrPropertyGetter Reader, RelationalTypeMapping Mapping, Type Element, bool Nullable, string Parameter)
    {
        public object? Read(object row)
        {
            var value = Reader.GetClrValueUsingContainingEntity(row);
            return Mapping.Converter is { } converter && value is not null ? converter.ConvertToProvider(value) : value;
        }
    }

    /// <summary>One row, one parameter a column.</summary>
    public string One { get; }
    /// <summary>Any number of rows, one array a column: one statement for the server, and one way to it. Only PostgreSQL knows this.</summary>
    public string Many { get; }

    private RowInsert(IEntityType type, ISqlGenerationHelper sql)
    {
        var table = StoreObjectIdentifier.Create(type, StoreObjectType.Table) ?? throw new InvalidOperationException($"{type.DisplayName()} has no table.");
        var properties = type.GetProperties().ToList();
        // Neither is in the row itself: only the change tracker knows them.
        if (properties.Find(p => p.IsShadowProperty() || p.GetComputedColumnSql(table) is not null) is { } strange) { throw new InvalidOperationException($"{type.DisplayName()}.{strange.Name} cannot be inserted past the change tracker."); }
        columns = [.. properties.Select((p, i) => new Column(p.GetGetter(), p.GetRelationalTypeMapping(), ElementOf(p), p.IsNullable, sql.GenerateParameterName($"p{i}")))];
        var into = $"insert into {sql.DelimitIdentifier(table.Name, table.Schema)} ({string.Join(", ", properties.Select(p => sql.DelimitIdentifier(p.GetColumnName(table)!)))})";
        var names = string.Join(", ", columns.Select(c => c.Parameter));
        (One, Many) = ($"{into} values ({names})", $"{into} select * from unnest({names})");
    }

    public static RowInsert Of(StoreContext db, Type row)
    {
        var type = db.Model.FindEntityType(row) ?? throw new InvalidOperationException($"{row.Name} is no table of the store.");
        return Known.TryGetValue(type, out var known) ? known : Known.GetOrAdd(type, new RowInsert(type, db.GetService<ISqlGenerationHelper>()));
    }

    /// <summary>A command for <see cref="One"/>, to be used for one row after the other.</summary>
    public void Prepare(DbCommand command)
    {
        command.CommandText = One;
        foreach (var column in columns) { command.Parameters.Add(column.Mapping.CreateParameter(command, column.Parameter, null, column.Nullable)); }
        command.Prepare();
    }

    public void Bind(DbCommand command, object row)
    {
        for (var i = 0; i < columns.Count; i++) { command.Parameters[i].Value = columns[i].Read(row) ?? DBNull.Value; }
    }

    public void BindMany(DbCommand command, IReadOnlyList<object> rows)
    {
        command.CommandText = Many;
        foreach (var column in columns)
        {
            var values = Array.CreateInstance(column.Element, rows.Count);
            for (var i = 0; i < rows.Count; i++) { values.SetValue(column.Read(rows[i]), i); }
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (column.Parameter, values);
            command.Parameters.Add(parameter);
        }
    }

    private static Type ElementOf(IProperty property)
    {
        var type = property.GetRelationalTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        return property.IsNullable && type.IsValueType && Nullable.GetUnderlyingType(type) is null ? typeof(Nullable<>).MakeGenericType(type) : type;
    }
}
