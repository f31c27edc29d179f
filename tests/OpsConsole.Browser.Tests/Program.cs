using OpsConsole.Browser.Tests;
using Xunit.Runner.InProc.SystemConsole;

// The same fixture serves the tests and the contact sheets: `sheets FOLDER [STATE ...]` draws, anything else is the test runner's.
return args is ["sheets", var folder, .. var states]
    ? await Sheets.Draw(Path.GetFullPath(folder), states)
    : await ConsoleRunner.Run(args);
