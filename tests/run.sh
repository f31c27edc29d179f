#!/usr/bin/env bash
# Installs what the tests need and is missing, runs every test, and closes with "N passed, N failed, N skipped" alone on a line.
set -u
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

need=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need+=(postgresql postgresql-contrib)
command -v pgbench >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/pgbench >/dev/null 2>&1 || need+=(postgresql-contrib)
command -v chromium >/dev/null 2>&1 || need+=(chromium)
if [ "${#need[@]}" -gt 0 ]; then
  as_root=(); [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "installing: ${need[*]}"
  "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${need[@]}" >/dev/null || {
    echo "could not install ${need[*]}"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! dotnet build OpsConsole.sln -nologo -v q; then
  echo "the build failed"; echo "0 passed, 1 failed, 0 skipped"; exit 1
fi
passed=0 failed=0 skipped=0 code=0
for project in tests/*.Tests/*.csproj; do
  dotnet test "$project" --no-build -nologo "$@" 2>&1 | tee "$log"
  [ "${PIPESTATUS[0]}" = 0 ] || code=1
  line=$(grep -E '(Passed|Failed)! +- Failed:' "$log" | tail -1)
  if [ -z "$line" ]; then
    grep -q 'No test is available' "$log" || { failed=$((failed + 1)); code=1; }
    continue
  fi
  n() { sed -E "s/.*$1: +([0-9]+).*/\1/" <<<"$line"; }
  passed=$((passed + $(n Passed))) failed=$((failed + $(n Failed))) skipped=$((skipped + $(n Skipped)))
done
[ "$failed" = 0 ] || code=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
