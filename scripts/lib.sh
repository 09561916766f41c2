# What demo, test and check share: the project's root, and virtual environments that are made when something needs them.
# To be sourced by bash. uv is used where it is there, else pip; both lead to the same place.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "error: $1"
    say "hint: $2"
    exit 1
}

# Prints the first of $PYTHON, python3.13, python3.12, python3.11 and python3 that is new enough.
find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    die "Python 3.11 or newer is needed and none was found" "install one, or name it: PYTHON=/path/to/python3.11 $0"
}

# make_venv FOLDER: an empty virtual environment.
make_venv() {
    local python
    python=$(find_python)
    rm -rf "$1"
    if command -v uv >/dev/null; then
        uv venv --quiet --python "$(command -v "$python")" "$1"
    else
        "$python" -m venv --without-pip "$1"
    fi
}

# ensure_pip FOLDER: pip inside it, new enough for dependency groups. Debian's Python comes without ensurepip, but its pip
# can install into another environment.
ensure_pip() {
    local pip=("$1/bin/python" -m pip --disable-pip-version-check)
    if ! "${pip[@]}" --version >/dev/null 2>&1 && ! "$1/bin/python" -m ensurepip >/dev/null 2>&1; then
        "$(find_python)" -m pip --python "$1/bin/python" install --quiet pip ||
            die "Python has neither ensurepip nor pip" "install pip (on Debian: apt-get install python3-pip), or uv"
    fi
    "${pip[@]}" install --quiet --upgrade 'pip>=25.1'
}

# pip_install FOLDER ARGUMENTS...: `pip install ARGUMENTS` in that environment.
pip_install() {
    local venv=$1
    shift
    if command -v uv >/dev/null; then
        uv pip install --quiet --compile-bytecode --python "$venv/bin/python" "$@"
    else
        ensure_pip "$venv"
        "$venv/bin/python" -m pip --disable-pip-version-check install --quiet "$@"
    fi
}

# ensure_venv FOLDER NAME ARGUMENTS...: FOLDER is a virtual environment in which `pip install ARGUMENTS` was done for
# pyproject.toml as it is now. The stamp NAME in it says for what that was; the root is part of it, since an
# environment does not survive being moved.
ensure_venv() {
    local venv=$1 stamp=$1/.installed-$2
    shift 2
    exec 9<"$root"
    if command -v flock >/dev/null; then flock 9; fi # two scripts at once take turns
    if ! "$venv/bin/python" -c '' 2>/dev/null || ! { printf '%s\n' "$root" && cat pyproject.toml; } | cmp -s - "$stamp"; then
        say "setting up $venv in $root, which takes a while the first time"
        if ! "$venv/bin/python" -c '' 2>/dev/null; then make_venv "$venv"; fi
        PIP_ROOT_USER_ACTION=ignore pip_install "$venv" "$@"
        { printf '%s\n' "$root" && cat pyproject.toml; } >"$stamp"
    fi
    exec 9<&-
}

# Python may be told to write no bytecode; without it, every start would compile the whole project.
compile_project() {
    .venv/bin/python -m compileall -q supervisor
}

ensure_project() {
    ensure_venv .venv project --editable .
    compile_project
}

ensure_project_for_development() {
    ensure_venv .venv dev --editable . --group dev
    compile_project
}

ensure_crossbar() {
    ensure_venv .crossbar-venv crossbar --group crossbar
}

# ensure_system_packages COMMAND=PACKAGE...: programs that come with the system and not with Python. Root has what is
# missing installed where there is Debian's apt-get; anybody else is told.
ensure_system_packages() {
    local pair packages=()
    for pair in "$@"; do
        if ! command -v "${pair%%=*}" >/dev/null; then packages+=("${pair#*=}"); fi
    done
    if [ ${#packages[@]} -eq 0 ]; then return; fi
    if [ "$EUID" -ne 0 ] || ! command -v apt-get >/dev/null; then
        die "the tests need what is not installed: ${packages[*]}" "on Debian: apt-get install ${packages[*]}"
    fi
    say "installing ${packages[*]}"
    apt_install "${packages[@]}" || { apt-get -qq update && apt_install "${packages[@]}"; } ||
        die "apt-get could not install ${packages[*]}" "install it by hand, then try again"
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" >/dev/null
}
