#!/usr/bin/env bash
# Builds everything and runs every test; the last line counts them. The same at a desk and in CI.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/eng/prerequisites.sh" || exit 1

results="$root/artifacts/test-results"
rm -rf "$results"
dotnet build "$root/Tuner.sln" -c Release -v quiet -nologo -clp:NoSummary || { echo "test: the build failed" >&2; exit 1; }
dotnet test "$root/Tuner.sln" -c Release --no-build -nologo --logger trx --results-directory "$results" "$@"
status=$?

# The counters each test project wrote, added up.
count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | paste -sd+ - | sed 's/^$/0/' | { read -r sum; echo $((sum)); }; }
total=$(count total)
executed=$(count executed)
passed=$(count passed)
failed=$((executed - passed))
if [ "$total" -eq 0 ]; then
    echo "test: no test ran" >&2
    exit 1
fi

# A test host that died reports no failed test: never call that a pass.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "test: the test run itself failed; see above" >&2
fi

echo "$passed passed, $failed failed, $((total - executed)) skipped"
exit "$status"
