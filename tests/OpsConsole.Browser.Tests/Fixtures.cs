using OpsConsole.Browser.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]
