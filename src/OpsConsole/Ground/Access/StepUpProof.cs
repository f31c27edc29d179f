using Microsoft.AspNetCore.Identity;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Access;

/// <summary>Lets a page pass on the password that a person gave with a yes.</summary>
public sealed class StepUpProof(StepUps stepUps, UserManager<Person> people, ConsoleSettings settings)
{
    /// <summary>False: it was wrong, or the account is locked.</summary>
    public Task<bool> Prove(Actor actor, string password) => stepUps.Prove(people, actor.Id, password, settings.Policy.StepUpMinutes);
}
