namespace OpsConsole.Ground.Access;

/// <summary>A key for machines; only its hash is kept.</summary>
public sealed class ApiKeyRow
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    /// <summary>SHA-256 of the whole key, hex.</summary>
    public required string Sha256 { get; init; }
    /// <summary>Acts as this person; or as the site.</summary>
    public string? PersonId { get; init; }
    public string? Site { get; init; }
    /// <summary>May do what asks a person for step-up.</summary>
    public bool StepUp { get; init; }
    public DateTimeOffset MadeAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>A one-time link: for the first administrator, a lost password, the sample's crew.</summary>
public sealed class SignInLinkRow
{
    /// <summary>SHA-256 of the token, hex: the token itself is nowhere.</summary>
    public required string Sha256 { get; init; }
    /// <summary>Null: whoever opens it makes the first administrator.</summary>
    public string? PersonId { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
}
