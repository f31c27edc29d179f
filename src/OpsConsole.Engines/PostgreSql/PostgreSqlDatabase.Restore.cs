using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    public Task Restore(string id, Shell shell, string installation, long epoch, CancellationToken token) => Guard(async () =>
    {
        var copy = CopyName(id);
        var (working, aside) = (copy + "_w", copy + "_o");
        var (quoted, quotedWorking, quotedAside) = (PostgreSqlText.Name(database), PostgreSqlText.Name(working), PostgreSqlText.Name(aside));
        var facts = Parse<ShellFacts>(shell.Json);
        // The content that is about to go must still belong to this console. Raising proves it, ends older consoles' work on it,
        // and opens it to the console where a rollback died with the doors shut.
        await RaiseFence(installation, epoch, token);
        await using var admin = await OpenAdmin("rollback", Text(epoch), token);
        await OneAtATime(admin, token);

        if (!await Exists(admin, aside, token))
        {
            if (await CopyState(admin, copy, id, token) != true) { throw new EngineFault($"There is no complete checkpoint {copy} to go back to."); }
            await Execute(admin, $"drop database if exists {quotedWorking}", token);
            await Execute(admin, $"create database {quotedWorking} template {PostgreSqlText.Name(copy)} tablespace {PostgreSqlText.Name(facts.Tablespace)} allow_connections false{await FileCopy(admin, token)}", token);
            Failpoint.Hit("rollback.copyMade");

            // Nobody but the console may come in while it is open for the fence.
            await Execute(admin, $"revoke connect on database {quotedWorking} from public", token);
            await Execute(admin, $"alter database {quotedWorking} allow_connections true", token);
            await using (var inside = await OpenWork("rollback", Text(epoch), working, token)) { await RaiseFenceIn(inside, installation, epoch, token); }
            Failpoint.Hit("rollback.fenceRaised");

            await using (var transaction = await admin.BeginTransactionAsync(token))
            {
                await PutShell(admin, working, facts, token);
                // The record may be from before the close; the database that takes the name is closed either way.
                if (Settings.Close == CloseMethod.Connect) { await ShutOut(admin, working, token); }
                await transaction.CommitAsync(token);
            }
            Failpoint.Hit("rollback.shellPut");

            await Exchange(admin, working, aside, token);
        }
        ClearPools();
        await Execute(admin, $"drop database if exists {quotedAside}", token);
    });

    /// <summary>Both renames in one transaction: at no moment is there no database of that name.</summary>
    private async Task Exchange(NpgsqlConnection admin, string working, string aside, CancellationToken token)
    {
        var (quoted, quotedWorking, quotedAside) = (PostgreSqlText.Name(database), PostgreSqlText.Name(working), PostgreSqlText.Name(aside));
        try
        {
            await Execute(admin, $"alter database {quoted} allow_connections false", token);
            await Execute(admin, $"alter database {quotedWorking} allow_connections false", token);
            ClearPools();
            await EndSessions(admin, database, ownToo: true, token);
            await EndSessions(admin, working, ownToo: true, token);
            await using var transaction = await admin.BeginTransactionAsync(token);
            await Execute(admin, $"alter database {quoted} rename to {quotedAside}", token);
            Failpoint.Hit("rollback.movedAside");
            await Execute(admin, $"alter database {quotedWorking} rename to {quoted}", token);
            await Execute(admin, $"alter database {quoted} allow_connections true", token);
            await transaction.CommitAsync(token);
            Failpoint.Hit("rollback.named");
        }
        catch
        {
            await Execute(admin, $"alter database {quoted} allow_connections true", CancellationToken.None);
            throw;
        }
    }

    public Task<Inspection> InspectRestore(string id, Fingerprint expected, CancellationToken token) => Guard(async () =>
    {
        var copy = CopyName(id);
        await using (var admin = await OpenAdmin("look", "-", token))
        {
            if (await Exists(admin, copy + "_o", token)) { return new Inspection(Observed.NotDone, "The checkpoint has the name, but the former content has not been dropped yet."); }
            if (await Exists(admin, copy + "_w", token)) { return new Inspection(Observed.NotDone, "The working copy of the checkpoint does not have the name yet."); }
            if (await IsShutToAll(admin, database, token)) { return new Inspection(Observed.NotDone, $"{database} is shut to everybody."); }
        }
        var difference = (await ReadFingerprint(token)).DifferenceTo(expected);
        return difference is null
            ? new Inspection(Observed.Done, "The content is that of the checkpoint, by its fingerprint.")
            : new Inspection(Observed.NotDone, $"The content is not that of the checkpoint: {difference}.");
    });

    private static async Task<bool> Exists(NpgsqlConnection admin, string name, CancellationToken token) =>
        await Scalar<bool>(admin, "select exists (select 1 from pg_database where datname = $1)", token, name);
}
