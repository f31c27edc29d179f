#!/usr/bin/env bash
# Draws every page at 1440 and 390 px, dark and light, in the states empty, full and failed, and tiles them on contact sheets.
# tests/sheets.sh [FOLDER [STATE ...]]   the folder is contact-sheets where none is named
set -eu
here="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(realpath -m "${1:-$here/contact-sheets}")"
[ $# -gt 0 ] && shift
cd "$here"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -n "${NO_BUILD:-}" ] || dotnet build tests/OpsConsole.Browser.Tests -nologo -v q
dotnet exec tests/OpsConsole.Browser.Tests/bin/Debug/net10.0/OpsConsole.Browser.Tests.dll sheets "$folder" "$@"
echo "the sheets are in $folder"
