using System.Text.Json;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    /// <param name="Role">empty: for every role in this database</param>
    private sealed record Setting(string Role, string Name, string Value);
    private sealed record ShellFacts(string Owner, int Limit, string Tablespace, string? Comment, IReadOnlyList<Right> Rights, IReadOnlyList<Setting> Settings);

    // The server keeps these as lists of quoted names; put back as one text they would become one name.
    private static readonly string[] ListSettings =
        ["search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries", "shared_preload_libraries", "unix_socket_directories"];

    public Task<Shell> ReadShell(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        var head = await Rows(connection, """
            select pg_get_userbyid(d.datdba)::text, d.datconnlimit, t.spcname::text, shobj_description(d.oid, 'pg_database')
            from pg_database d join pg_tablespace t on t.oid = d.dattablespace where d.datname = $1
            """, r => (Owner: r.GetString(0), Limit: r.GetInt32(1), Tablespace: r.GetString(2), Comment: TextOf(r, 3)), token, database);
        var settings = await Rows(connection, """
            select case when s.setrole = 0 then '' else pg_get_userbyid(s.setrole)::text end, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
            from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c where d.datname = $1 order by 1, 2
            """, r => new Setting(r.GetString(0), r.GetString(1), r.GetString(2)), token, database);
        var h = head[0];
        return new Shell(JsonSerializer.Serialize(new ShellFacts(h.Owner, h.Limit, h.Tablespace, h.Comment, await ReadRights(connection, database, token), settings)));
    });

    /// <summary>Puts on a fresh copy what a copy does not carry. The copy has none of it yet, so nothing has to be taken away but default rights.</summary>
    private static async Task PutShell(NpgsqlConnection admin, string copy, ShellFacts shell, CancellationToken token)
    {
        var name = PostgreSqlText.Name(copy);
        await Execute(admin, $"alter database {name} owner to {PostgreSqlText.Name(shell.Owner)}", token);
        await Execute(admin, $"alter database {name} connection limit {Text(shell.Limit)}", token);
        await SetRights(admin, copy, shell.Rights, () => { }, token);
        foreach (var setting in shell.Settings)
        {
            var whose = setting.Role.Length == 0 ? $"database {name}" : $"role {PostgreSqlText.Name(setting.Role)} in database {name}";
            // A name with a dot is a setting of an extension, and each of its parts is a name.
            var what = string.Join('.', setting.Name.Split('.').Select(PostgreSqlText.Name));
            await Execute(admin, $"alter {whose} set {what} to {SettingValue(setting)}", token);
        }
        await Execute(admin, $"comment on database {name} is {(shell.Comment is null ? "null" : PostgreSqlText.Literal(shell.Comment))}", token);
    }

    private static string SettingValue(Setting setting)
    {
        if (!ListSettings.Contains(setting.Name, StringComparer.OrdinalIgnoreCase)) { return PostgreSqlText.Literal(setting.Value); }
        var names = new List<string>();
        var current = new System.Text.StringBuilder();
        var quoted = false;
        for (var i = 0; i < setting.Value.Length; i++)
        {
            var c = setting.Value[i];
            if (c == '"' && quoted && i + 1 < setting.Value.Length && setting.Value[i + 1] == '"') { current.Append(c); i++; }
            else if (c == '"') { quoted = !quoted; }
            else if (c == ',' && !quoted) { names.Add(current.ToString()); current.Clear(); }
            else if (quoted || !char.IsWhiteSpace(c)) { current.Append(c); }
        }
        names.Add(current.ToString());
        return string.Join(", ", names.Select(PostgreSqlText.Literal));
    }
}
