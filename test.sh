#!/usr/bin/env bash
# Restores, checks the format, builds, runs every test project, and ends with `N passed, N failed[, N skipped]`.
set -uo pipefail
shopt -s nullglob
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# step NAME COMMAND...: quiet when it succeeds; otherwise shows all it said and ends the run.
step() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$work/step.log" 2>&1 </dev/null; then
    echo "$name: $((SECONDS - start)) s"
  else
    awk '!seen[$0]++' "$work/step.log"
    echo "$name FAILED after $((SECONDS - start)) s"
    echo "0 passed, 1 failed"
    exit 1
  fi
}

# details TRX: the failed tests with message and place, the skipped ones with their reason.
details() {
  awk '
    function plain(s) {
      gsub(/\r|&#x[dD];/, "", s); gsub(/&#x[aA];/, "\n", s); gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s)
      gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s); gsub(/&amp;/, "\\&", s)
      gsub(/\n/, "\n      ", s)
      return s
    }
    function attribute(name, s) {
      s = $0
      if (!sub("^.* " name "=\"", "", s)) return ""
      sub(/".*$/, "", s)
      return plain(s)
    }
    /<UnitTestResult / {
      outcome = attribute("outcome")
      told = outcome != "Passed"
      placed = 0
      if (told) print "    " (outcome == "NotExecuted" ? "skipped " : "FAILED ") attribute("testName")
    }
    /<\/UnitTestResult>|<\/Results>/ { told = 0 }
    told && /<Message>/ { message = 1; sub(/^.*<Message>/, "") }
    message {
      last = sub(/<\/Message>.*$/, "")
      print "      " plain($0)
      if (last) message = 0
    }
    told && !placed && / in .*:line [0-9]+/ { placed = 1; sub(/^.* in /, "at "); sub(/<.*$/, ""); print "      " plain($0) }
  ' "$1"
}

# counts TRX: passed, failed and skipped. (The logger leaves skipped tests out of `notExecuted`.)
counts() {
  grep -m 1 '<Counters ' "$1" | awk '
    function of(name, s) { s = $0; return sub("^.* " name "=\"", "", s) ? s + 0 : 0 }
    { print of("passed"), of("failed") + of("error") + of("timeout") + of("aborted"), of("total") - of("executed") }'
}

# sentence PASSED FAILED SKIPPED
sentence() {
  local text="$1 passed, $2 failed"
  [ "$3" -gt 0 ] && text+=", $3 skipped"
  echo "$text"
}

if [ -d ../shared ]; then echo "../shared found: full cases"; else echo "../shared not found: fewer cases"; fi

# fetched NAME CHECK COMMAND...: something that only some tests need, if CHECK says that it is missing; where it cannot be
# had they are skipped.
fetched() {
  local name=$1 check=$2
  shift 2
  bash -c "$check" >/dev/null 2>&1 && return
  timeout 600 "$@" >"$work/fetch.log" 2>&1 </dev/null || echo "$name: not to be had, its tests are skipped"
}

npm=(npm install --ignore-scripts --no-audit --no-fund --no-package-lock --prefix)
debian=(bash -c 'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' -)
fetched KaTeX 'test -d tests/Explain/katex/node_modules/katex' "${npm[@]}" tests/Explain/katex
fetched plotly 'test -d tests/Facade/Pictures/plotly/node_modules/plotly.js-dist-min' "${npm[@]}" tests/Facade/Pictures/plotly
fetched 'ONNX Runtime' 'test -d tests/Onnx/ort/node_modules/onnxruntime-node' "${npm[@]}" tests/Onnx/ort
fetched "ONNX's test suite" 'test -d /usr/share/libonnx-testdata/data' "${debian[@]}" libonnx-testdata
fetched Chromium 'command -v chromium' "${debian[@]}" chromium
fetched Jupyter 'jupyter nbconvert --version && /usr/bin/python3 -c "import ipykernel, nbclient"' \
  "${debian[@]}" jupyter-nbconvert python3-nbclient python3-ipykernel
step restore dotnet restore AutoDiffCnn.sln -v q
step "format (white space)" dotnet format whitespace . --folder --verify-no-changes
step "format (style)" dotnet format style AutoDiffCnn.sln --no-restore --verify-no-changes
step build dotnet build AutoDiffCnn.sln -c Release --no-restore -v q --nologo

passed=0 failed=0 skipped=0 projects=0
for project in tests/*/*.Tests.csproj; do
  name=$(basename "$project" .csproj) start=$SECONDS
  trx="$work/$name.trx" log="$work/$name.log"
  projects=$((projects + 1))
  dotnet test "$project" -c Release --no-build --nologo --results-directory "$work" \
    --logger "trx;LogFileName=$name.trx" >"$log" 2>&1 </dev/null
  code=$?

  p=0 f=0 s=0 broken=
  if [ ! -s "$trx" ]; then
    broken="no results"
  else
    read -r p f s < <(counts "$trx") || broken="unreadable results"
    if grep -qE 'Test Run Aborted|test run was aborted' "$log"; then broken="crashed"; fi
    if [ "$code" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then broken=${broken:-"exit code $code"}; fi
  fi
  [ -n "$broken" ] && f=$((${f:-0} + 1))

  echo "$name in $((SECONDS - start)) s, $(sentence "${p:-0}" "$f" "${s:-0}")"
  [ -s "$trx" ] && details "$trx"
  if [ -n "$broken" ]; then
    echo "    FAILED $name: $broken"
    sed 's/^/      /' "$log"
  fi
  passed=$((passed + ${p:-0})) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
done

if [ "$projects" -eq 0 ]; then
  echo "no test project found"
  failed=1
fi
echo "all in $SECONDS s"
sentence "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
