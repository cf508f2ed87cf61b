# What the tests need of the machine, for `.ci/run`: packages, a PostgreSQL, an ordinary user.

# The checkout's own environment, as `manage.py test` makes it.
python_packages() {
    [ "${VIBE_BOOTSTRAP:-1}" != 0 ] || return 0
    python3 -c '
from pathlib import Path
from vibe.bootstrap.install import install
here = Path.cwd()
install(here, here / ".venv", here / "requirements-dev.lock")'
}

# What the tests drive from outside. Package mirrors fail now and then, so three tries.
system_packages() {
    local wanted=() browser=chromium-headless-shell
    # Chromium without its windows: pages take a third of the processor.
    command -v "$browser" >/dev/null || wanted+=("$browser")
    command -v firefox-esr >/dev/null || command -v firefox >/dev/null || wanted+=(firefox-esr)
    command -v node >/dev/null || wanted+=(nodejs)
    command -v npm >/dev/null || wanted+=(npm)
    command -v git >/dev/null || wanted+=(git)
    command -v caddy >/dev/null || wanted+=(caddy)
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || wanted+=(postgresql)
    [ "${#wanted[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Missing and not installable here: ${wanted[*]}; their tests are skipped."
        return 0
    fi
    for attempt in 1 2 3; do
        if apt-get update -q >/dev/null 2>&1 &&
            { apt-cache show "$browser" >/dev/null 2>&1 ||
                wanted=("${wanted[@]/#$browser/chromium}"); } &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
                "${wanted[@]}" >/dev/null 2>&1; then
            return 0
        fi
        echo "apt-get failed (try $attempt of 3)"
        sleep 5
    done
    return 1
}

# A PostgreSQL cluster of our own below a temporary directory, on a unix socket, without a password.
start_postgresql() {
    postgres_bin="$(compgen -G "/usr/lib/postgresql/*/bin" | sort -V | tail -1)"
    [ -n "$postgres_bin" ] || { echo "no PostgreSQL on this machine"; return 1; }
    cluster="$(mktemp -d /tmp/vibe-pg.XXXXXX)"
    if [ "$(id -u)" = 0 ]; then
        # The server refuses to run as root. Its own user may be missing where the programs are not.
        local owner=postgres
        id -u "$owner" >/dev/null 2>&1 || owner=nobody
        chown "$owner" "$cluster"
        as_owner=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --init-groups
            env HOME="$cluster")
    else
        as_owner=()
    fi
    (
        cd "$cluster"
        "${as_owner[@]}" "$postgres_bin/initdb" -D "$cluster/data" -U vibe -A trust \
            --no-sync >"$cluster/initdb.log" 2>&1 &&
            "${as_owner[@]}" "$postgres_bin/pg_ctl" -D "$cluster/data" -w -t 30 -s \
                -l "$cluster/server.log" \
                -o "-c listen_addresses='' -c unix_socket_directories='$cluster' \
                    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c jit=off -c max_connections=200" start
    ) || { tail -20 "$cluster"/*.log; return 1; }
    "${as_owner[@]}" "$postgres_bin/createdb" -h "$cluster" -U vibe vibe
}

stop_postgresql() {
    [ -n "${cluster:-}" ] || return 0
    "${as_owner[@]}" "$postgres_bin/pg_ctl" -D "$cluster/data" -m immediate -s stop || true
    rm -rf "$cluster"
}

# A user of our own with a copy of the checkout; interpreter and packages, which may lie where only
# root may enter, are bound to places that everybody reaches, in a mount namespace that ends with
# the tests.
ordinary=vibe-ci
make_user() {
    id "$ordinary" >/dev/null 2>&1 || useradd --system --no-create-home "$ordinary" || return 1
    rm -rf "/tmp/pytest-of-$ordinary" # of an earlier run, when the user had another number
    place="$(mktemp -d /tmp/vibe-user.XXXXXX)"
    chmod 711 "$place"
    mkdir "$place/home" "$place/checkout" "$place/packages" "$place/python"
    git ls-files -z | tar --null -T - -c | tar -x -C "$place/checkout"
    chown -R "$ordinary:" "$place/home" "$place/checkout"
}

pytest_as_user() {
    place="$place" ordinary="$ordinary" packages="$(echo .venv/lib/python3*/site-packages)" \
        python="$(.venv/bin/python -c 'import sys; print(sys.base_prefix)')" \
        unshare --mount bash -euc '
        mount --bind "$packages" "$place/packages"
        mount --bind "$python" "$place/python"
        cd "$place/checkout"
        setpriv --reuid="$ordinary" --regid="$ordinary" --init-groups env -i HOME="$place/home" \
            PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 CI=1 VIBE_BOOTSTRAP=0 \
            LD_LIBRARY_PATH="$place/python/lib" PYTHONPATH="$place/packages" \
            PYTHONDONTWRITEBYTECODE=1 "$place/python/bin/python3" -m pytest "$@"
        ' ordinary-user "$@"
}

remove_user() {
    rm -rf "$place" "/tmp/pytest-of-$ordinary"
    userdel "$ordinary" || true
}
