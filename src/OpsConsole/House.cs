using OpsConsole.Ground;

namespace OpsConsole;

/// <summary>The rooms, one line each. A room that is not here does not exist.</summary>
public static class House
{
    public static IReadOnlyList<Room> Rooms { get; } =
    [
        new Features.Board.BoardRoom(),
        new Features.Maintenance.MaintenanceRoom(),
        new Features.TransactionQueue.QueueRoom(),
        new Features.Gates.GatesRoom(),
        new Features.Sessions.SessionsRoom(),
        new Features.Estate.EstateRoom(),
        new Features.Schedules.SchedulesRoom(),
        new Features.Reports.ReportRoom(),
        new Features.Status.StatusRoom(),
        new Features.Audit.AuditRoom(),
        new Features.People.PeopleRoom(),
        new Features.Help.HelpRoom(),
    ];
}
