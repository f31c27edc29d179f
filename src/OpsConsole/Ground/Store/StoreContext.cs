using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace OpsConsole.Ground.Store;

/// <summary>Everything the console knows. Each room maps its own tables in its Rows.cs; this class only gathers them.</summary>
public abstract class StoreContext(DbContextOptions options) : IdentityDbContext<Person, IdentityRole, string>(options)
{
    public DbSet<Recording.AuditRow> Audit => Set<Recording.AuditRow>();
    public DbSet<Acts.ActRow> Acts => Set<Acts.ActRow>();
    public DbSet<Jobs.LeaseRow> Leases => Set<Jobs.LeaseRow>();
    public DbSet<Access.ApiKeyRow> ApiKeys => Set<Access.ApiKeyRow>();
    public DbSet<Access.SignInLinkRow> SignInLinks => Set<Access.SignInLinkRow>();
    public DbSet<FactRow> Facts => Set<FactRow>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(StoreContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite cannot order by DateTimeOffset, and PostgreSQL keeps no offset: both keep UTC ticks.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
    }

    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(t => t.UtcTicks, t => new DateTimeOffset(t, TimeSpan.Zero));
}

public sealed class SqliteStoreContext(DbContextOptions<SqliteStoreContext> options) : StoreContext(options);

public sealed class PostgreSqlStoreContext(DbContextOptions<PostgreSqlStoreContext> options) : StoreContext(options);

/// <summary>A person with a sign-in. Identity keeps name, password hash, lockout and security stamp.</summary>
public sealed class Person : IdentityUser
{
    public DateTimeOffset MadeAt { get; set; }
    /// <summary>A disabled person signs in nowhere and loses open circuits.</summary>
    public bool Disabled { get; set; }
}

/// <summary>One named fact of the installation, such as its id.</summary>
public sealed class FactRow
{
    public required string Name { get; init; }
    public required string Value { get; set; }
}
