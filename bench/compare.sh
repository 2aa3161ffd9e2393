#!/usr/bin/env bash
# Measures the project and its peers, PyTorch and ONNX Runtime, in turns, and prints a table of ratios.
#
#   bench/compare.sh [CASES=all] [ROUNDS=3] [SECONDS=3]
#
# CASES are cases or groups as `bench --list` shows them, joined by commas; SECONDS is how long each program measures
# each case in each round. Measure on a machine that does nothing else.
#
#   PEERS       folder of torch_bench.py, ort_bench.js and limits.c        default ../shared/peers
#   THREADS     number of threads                                         default 2
#   MODE        train, infer or all                                       default all
#   RESULTS     file that lines are appended to                           default a new one, its name is printed
#   WAIT_QUIET  seconds to wait for other processes to leave              default 0
#   PYTHON      the Python that has torch                                 default /usr/bin/python3
#
# What is missing is installed: Debian packages (as root) and an npm package, the latter in
# ${XDG_CACHE_HOME:-~/.cache}/autodiffcnn-bench. Nothing is written into the repository.
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

cases=${1:-all} rounds=${2:-3} seconds=${3:-3}
threads=${THREADS:-2} mode=${MODE:-all} quiet=${WAIT_QUIET:-0} python=${PYTHON:-/usr/bin/python3}
peers=${PEERS:-$repo/../shared/peers}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/autodiffcnn-bench
bench=$repo/bench/bin/Release/net10.0/Bench

fail() { echo "compare.sh: $*" >&2; exit 2; }
say() { echo "$*" >&2; }

if [ $# -gt 3 ]; then fail "usage: compare.sh [CASES] [ROUNDS] [SECONDS]"; fi
[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "ROUNDS is a whole number of at least 1, not '$rounds'"
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "SECONDS is a number, not '$seconds'"
[[ $threads =~ ^[1-9][0-9]*$ ]] || fail "THREADS is a whole number of at least 1, not '$threads'"
[[ $mode =~ ^(train|infer|all)$ ]] || fail "MODE is train, infer or all, not '$mode'"
for file in torch_bench.py ort_bench.js limits.c; do
  [ -f "$peers/$file" ] ||
    fail "the peers' programs are not in $peers ($file is missing); set PEERS to the folder that has them"
done
peers=$(cd "$peers" && pwd)

mkdir -p "$cache/onnx" "$cache/ort" "$cache/results"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# quietly NAME COMMAND...: shows what a command said only if it fails.
quietly() {
  local name=$1
  shift
  say "$name"
  "$@" >"$work/log" 2>&1 </dev/null || { cat "$work/log" >&2; return 1; }
}

# debian PACKAGE...: installs them.
debian() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    fail "missing: $*. On Debian, as root: apt-get install --no-install-recommends $*"
  fi
  quietly "looking for packages" apt-get update
  quietly "installing $*" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# ------------------------------------------------------------------------------------------------------ what is needed

command -v cc >/dev/null || debian gcc libc6-dev
"$python" -c 'import torch, onnx, threadpoolctl' 2>/dev/null ||
  debian python3-torch python3-onnx python3-threadpoolctl libopenblas0-openmp
"$python" -c 'import torch' || fail "$python has no torch; set PYTHON to the Python that has it"
if dpkg -s libopenblas0-pthread >/dev/null 2>&1; then
  say "libopenblas0-pthread is installed: its threads fight with torch's; apt-get remove it, or torch is slowed down"
fi
command -v node >/dev/null || debian nodejs npm
if [ ! -d "$cache/ort/node_modules/onnxruntime-node" ]; then
  command -v npm >/dev/null || debian npm
  # Without its install script, which would download a library for another processor.
  quietly "installing onnxruntime-node" npm install --prefix "$cache/ort" --ignore-scripts onnxruntime-node
fi
quietly "building" dotnet build "$repo/bench" -c Release -v q --nologo
"$bench" --jobs "$cases" --mode "$mode" >"$work/jobs" || exit 2

# ----------------------------------------------------------------------------------------------------------- measuring

results=${RESULTS:-$cache/results/$(date -u +%Y%m%dT%H%M%SZ).jsonl}
say "results: $results"
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
commit=$(git -C "$repo" describe --always --dirty 2>/dev/null || echo unknown)
pytorch=$("$python" -c 'import torch; print(torch.__version__)')
runtime=$(node -p "require('$cache/ort/node_modules/onnxruntime-node/package.json').version")
printf '{"bench":"run","text":"%s: %s, %s processors; commit %s against PyTorch %s, ONNX Runtime %s; %s x %s s."}\n' \
  "$(date -u +%Y-%m-%d)" "${processor:-unknown processor}" "$(nproc)" "$commit" "$pytorch" "$runtime" \
  "$rounds" "$seconds" >>"$results"

limits=:
if grep -q avx512f /proc/cpuinfo; then
  quietly "building limits" cc -O3 -march=native -pthread "$peers/limits.c" -o "$work/limits" -lm
  limits=$work/limits
else
  say "no AVX-512: limits.c cannot run, so the table has no shares of the machine's peak"
fi

failed=0
# measure WHAT COMMAND...: appends what it prints; if it fails, says so and goes on.
measure() {
  local what=$1
  shift
  "$@" </dev/null >>"$results" || { say "FAILED: $what"; failed=1; }
}

torch() { "$python" "$peers/torch_bench.py" "$@" --threads "$threads" --wait-quiet "$quiet"; }

# onnx CASE: the path of its file, made if need be; fails for what ONNX Runtime is not asked to do.
onnx() {
  local file=$cache/onnx/$1.onnx
  if [ ! -f "$file" ]; then
    case $1 in
      conv_* | maxpool_* | avgpool_*) "$python" "$repo/bench/export_onnx.py" "$peers" "$1" "$work/export.onnx" ;;
      gemm_* | elementwise_* | softmax_* | batchnorm | tiny_* | optimizer_*) return 1 ;;
      *) torch "$1" --mode infer --min-seconds 0 --variants eager --onnx "$work/export.onnx" ;;
    esac >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
    mv "$work/export.onnx" "$file"
  fi
  echo "$file"
}

ort() {
  (cd "$cache/ort" && node "$peers/ort_bench.js" "$@" --threads "$threads" --min-seconds "$seconds" \
    --wait-quiet "$quiet")
}

for ((round = 1; round <= rounds; round++)); do
  say "round $round of $rounds: the machine's limits"
  measure limits "$limits" 1
  while read -r name kind <&3; do
    say "round $round of $rounds: $name $kind"
    measure "torch $name $kind" torch "$name" --mode "$kind" --min-seconds "$seconds"
    if [ "$kind" = infer ] && file=$(onnx "$name"); then
      measure "onnxruntime $name" ort "$file" --case "$name"
    fi
    measure "$name $kind" "$bench" "$name" --mode "$kind" --threads "$threads" --min-seconds "$seconds" \
      --wait-quiet "$quiet"

    # Its memory without the settings that trade memory for time; the time is not used.
    if [ "$round" -eq 1 ]; then
      measure "torch $name $kind" torch "$name" --mode "$kind" --min-seconds 0 --variants eager --env plain
    fi
  done 3<"$work/jobs"
done

"$bench" --table "$results"
exit "$failed"
