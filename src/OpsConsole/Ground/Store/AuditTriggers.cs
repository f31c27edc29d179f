using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Store;

/// <summary>
/// The store itself refuses to change the log, whoever asks. Put there after each migration, and not by one: a migration is made anew by a tool, and must not be able to forget this.
/// </summary>
internal static class AuditTriggers
{
    private static readonly string[] Sqlite =
    [
        """create trigger if not exists "AuditKeepsUpdate" before update on "Audit" begin select raise(abort, 'the audit log is only ever added to'); end""",
        """create trigger if not exists "AuditKeepsDelete" before delete on "Audit" begin select raise(abort, 'the audit log is only ever added to'); end""",
    ];

    private static readonly string[] PostgreSql =
    [
        """
        create or replace function audit_keeps() returns trigger language plpgsql as
        $$ begin raise exception 'the audit log is only ever added to' using errcode = 'restrict_violation'; end $$
        """,
        """create or replace trigger audit_keeps_rows before update or delete on "Audit" for each row execute function audit_keeps()""",
        """create or replace trigger audit_keeps_table before truncate on "Audit" for each statement execute function audit_keeps()""",
    ];

    /// <summary>Safe to repeat at every start.</summary>
    public static async Task Put(StoreContext db, StoreProvider provider, CancellationToken token)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(token);
        if (provider == StoreProvider.PostgreSql)
        {
            // Two consoles that start together would otherwise replace the function under each other.
            await db.Database.ExecuteSqlRawAsync("select pg_advisory_xact_lock(7250105)", token);
        }
        foreach (var sql in provider == StoreProvider.Sqlite ? Sqlite : PostgreSql) { await db.Database.ExecuteSqlRawAsync(sql, token); }
        await transaction.CommitAsync(token);
    }
}
