using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Recording;

namespace OpsConsole.Ground.Store;

internal sealed class AuditRows : IEntityTypeConfiguration<AuditRow>
{
    public void Configure(EntityTypeBuilder<AuditRow> builder)
    {
        builder.ToTable("Audit").HasKey(a => a.Sequence);
        builder.Property(a => a.Sequence).ValueGeneratedNever();
        builder.HasIndex(a => a.Subject);
    }
}

internal sealed class ActRows : IEntityTypeConfiguration<ActRow>
{
    public void Configure(EntityTypeBuilder<ActRow> builder)
    {
        builder.ToTable("Acts").HasKey(a => a.Id);
        builder.HasIndex(a => a.Outcome);
        builder.HasIndex(a => new { a.Window, a.Step });
    }
}

internal sealed class LeaseRows : IEntityTypeConfiguration<LeaseRow>
{
    public void Configure(EntityTypeBuilder<LeaseRow> builder) => builder.ToTable("Leases").HasKey(l => l.Name);
}

internal sealed class ApiKeyRows : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> builder)
    {
        builder.ToTable("ApiKeys").HasKey(k => k.Id);
        builder.HasIndex(k => k.Sha256).IsUnique();
        builder.HasIndex(k => k.Name).IsUnique();
    }
}

internal sealed class SignInLinkRows : IEntityTypeConfiguration<SignInLinkRow>
{
    public void Configure(EntityTypeBuilder<SignInLinkRow> builder) => builder.ToTable("SignInLinks").HasKey(l => l.Sha256);
}

internal sealed class FactRows : IEntityTypeConfiguration<FactRow>
{
    public void Configure(EntityTypeBuilder<FactRow> builder) => builder.ToTable("Facts").HasKey(f => f.Name);
}
