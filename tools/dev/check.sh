#!/usr/bin/env bash
# All that can be proved without running the system. Runs every step, then names those that failed.
# Usage: tools/dev/check.sh [STEP …], e.g. tools/dev/check.sh types imports
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.tools/bin:$PWD/.venv/bin:$PATH"

web=server/kentongan_server/web
steps=(lint format types firmware-types imports mpy web shell tree)

step_lint() { ruff check --quiet --output-format concise .; }
step_format() { ruff format --check --output-format concise .; }
step_types() { mypy; }
step_firmware-types() { basedpyright --level error; }
step_imports() { lint-imports --no-logo --no-cache; }
step_mpy() { tools/dev/compile_firmware.sh; }
step_web() {
    [ -f "$web/package.json" ] || return 0
    (cd "$web" && npm exec --no -- tsc --noEmit)
}
step_shell() { git ls-files -z '*.sh' .ci/run | xargs -0 --no-run-if-empty shellcheck --external-sources --; }
step_tree() { python tools/dev/check_tree.py; }

main() {
    local chosen=("$@") failed=() step output
    [ $# -gt 0 ] || chosen=("${steps[@]}")
    for step in "${chosen[@]}"; do
        if ! declare -F "step_$step" >/dev/null; then
            echo "check: no step '$step'; there are: ${steps[*]}" >&2
            exit 2
        fi
        SECONDS=0
        if output=$("step_$step" 2>&1); then
            printf 'check: %-15s ok (%d s)\n' "$step" "$SECONDS"
        else
            printf '%s\ncheck: %-15s FAILED\n' "$output" "$step"
            failed+=("$step")
        fi
    done
    if [ "${#failed[@]}" -gt 0 ]; then
        printf 'check: failed: %s\n' "${failed[*]}" >&2
        exit 1
    fi
}

main "$@"
