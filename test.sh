#!/usr/bin/env bash
# Installs what the tests need (as root, from Debian's packages), builds, checks the format, runs the tests.
#   ./test.sh          unit tests and the first tier of interop scenarios
#   ./test.sh --all    everything: the slower scenarios and the by-hand samples too
#   ./test.sh --unit   unit tests only; installs nothing
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tier=first
case "${1:-}" in
  --all) tier=all ;;
  --unit) tier=unit ;;
  "") ;;
  *) echo "usage: ./test.sh [--all|--unit]" >&2; exit 2 ;;
esac

configuration=Release
results=$PWD/artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -z "${IPSEC_TEST_DATA:-}" ] && [ -d ../shared/data ] && export IPSEC_TEST_DATA="$PWD/../shared/data"
passed=0 failed=0 skipped=0

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

fail() { # one failure that is no test of a test assembly
  echo "FAILED: $1"
  failed=$((failed + 1))
}

is_root_on_debian() { [ "$(id -u)" -eq 0 ] && [ -f /etc/debian_version ]; }

if [ "$tier" != unit ]; then
  bash tests/install-packages.sh || fail "the packages that the tests need could not be installed"
fi

echo "== build"
if ! dotnet build Ipsec.sln -c $configuration -v quiet; then
  fail "the build"
  finish
fi

echo "== format"
if dotnet format Ipsec.sln --verify-no-changes --no-restore --verbosity quiet; then passed=$((passed + 1)); else fail "dotnet format --verify-no-changes"; fi

echo "== tests"
run_assembly() { # project folder, then the runner's arguments
  local project=$1 name; shift
  name=$(basename "$project")
  local executable=$project/bin/$configuration/net10.0/Ipsec.$name
  "$executable" -noLogo -noColor -xml "$results/$name.xml" "$@" >"$results/$name.log" 2>&1
  echo $? >"$results/$name.rc"
}
add_up() { # project name: adds the counts of one assembly and prints what went wrong
  local name=$1 xml=$results/$1.xml head total_failed
  head=$(tr '\n' ' ' <"$xml" 2>/dev/null | grep -oE '<assembly [^>]*>' | head -1)
  if [ -z "$head" ]; then
    cat "$results/$name.log"; fail "$name ended without a result"; return
  fi
  count() { grep -oE " $1=\"[0-9]+\"" <<<"$head" | grep -oE '[0-9]+'; }
  total_failed=$(($(count failed) + $(count errors)))
  passed=$((passed + $(count passed))) failed=$((failed + total_failed)) skipped=$((skipped + $(count skipped)))
  echo "$name: $(count passed) passed, $total_failed failed, $(count skipped) skipped ($(grep -oE ' time="[0-9.]+"' <<<"$head" | grep -oE '[0-9.]+') s)"
  if [ "$total_failed" -ne 0 ]; then cat "$results/$name.log"
  elif [ "$(cat "$results/$name.rc")" -ne 0 ]; then cat "$results/$name.log"; fail "$name ended with exit code $(cat "$results/$name.rc")"; fi
  tr '\n' ' ' <"$xml" | sed 's/<test /\n<test /g' | grep 'result="Skip"' \
    | sed -E 's/.* name="([^"]*)".*<reason>(<!\[CDATA\[)?([^]<]*).*/\3\t\1/; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >>"$results/skips.tsv"
}

units=$(for project in tests/*.Tests; do [ -f "$project/$(basename "$project").csproj" ] && echo "$project"; done)
for project in $units; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
  run_assembly "$project" &
done
wait
for project in $units; do add_up "$(basename "$project")"; done

echo "== simulation"
# Two seeds side by side, about half a minute each on one core; docs/simulation.md says what they show.
if tests/Simulation/bin/$configuration/net10.0/Ipsec.Simulation --seeds 1-2 --processes 2 --tunnels 150 --tunnel-hours 500 >"$results/simulation.log" 2>&1; then
  tail -1 "$results/simulation.log"; passed=$((passed + 1))
else
  cat "$results/simulation.log"; fail "the simulation"
fi

if [ "$tier" != unit ]; then
  echo "== interop scenarios ($tier)"
  selection=(-trait "Tier=1"); [ "$tier" = all ] && selection=()
  run_assembly src/Interop.Tests "${selection[@]}"
  add_up Interop.Tests
fi

if [ "$tier" = all ] && is_root_on_debian; then
  echo "== samples/with-strongswan/try.sh"
  if samples/with-strongswan/try.sh >"$results/try.log" 2>&1; then passed=$((passed + 1)); else cat "$results/try.log"; fail "samples/with-strongswan/try.sh"; fi
fi

if [ "$tier" = all ]; then
  echo "== managed bytes per packet"
  if tests/Benchmarks/bin/$configuration/net10.0/Ipsec.Benchmarks allocations --packets 100000 >"$results/allocations.log" 2>&1; then
    passed=$((passed + 1))
  else
    cat "$results/allocations.log"; fail "packets cost managed memory"
  fi
fi

# Skips: told by reason; as root on Debian only the reasons of tests/allowed-skips.txt count as a skip.
if [ -s "$results/skips.tsv" ]; then
  echo "== skipped"
  while IFS=$'\t' read -r reason name; do
    allowed=no
    while read -r prefix; do
      case "$prefix" in "#"*|"") continue ;; esac
      [ "${reason#"$prefix"}" != "$reason" ] && allowed=yes
    done <tests/allowed-skips.txt
    echo "  $name: $reason"
    if [ $allowed = no ] && [ "$tier" != unit ] && is_root_on_debian; then
      fail "$name was skipped for a reason that tests/allowed-skips.txt does not list"; skipped=$((skipped - 1))
    fi
  done <"$results/skips.tsv"
fi
finish
