#!/usr/bin/env bash
# Makes the one migration of each provider anew from the model. Run it after a room has added or changed rows.
# Nothing is released yet, so there is no older shape to come from: a store made before has to be deleted.
set -euo pipefail
cd "$(dirname "$0")/../.."
(cd ../.. && dotnet tool restore >/dev/null)
rm -rf Ground/Store/Migrations
dotnet build -v q -nologo
for provider in Sqlite PostgreSql; do
  dotnet ef migrations add Initial --no-build --context "${provider}StoreContext" --output-dir "Ground/Store/Migrations/$provider"
done
