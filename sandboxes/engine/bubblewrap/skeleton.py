"""What sandboxes with a writable root find in /etc and /var, and `sudo`: the lowest layers.

Made of an allow-list, of what everybody on this machine may read anyway, and of small files of
our own. Never of this machine's accounts, keys or settings of services.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from functools import lru_cache
from pathlib import Path

from .. import programs
from ..link import ends
from ..spec import ALIAS, HOME, PATH, PROGRAMS, USER, USER_ID
from . import argv, interpreter

ETC = (
    *argv.ETC, "adduser.conf", "bash.bashrc", "debconf.conf", "default/locale", "default/useradd",
    "deluser.conf", "dpkg", "host.conf", "init.d", "inputrc", "libaudit.conf", "locale.alias",
    "locale.gen", "login.defs", "lsb-release", "pam.conf", "pam.d", "perl", "profile", "python3",
    "rmt", "security", "selinux", "shells", "skel", "ucf.conf", "xattr.conf", "xdg",
    "apt/sources.list", "apt/sources.list.d", "apt/trusted.gpg", "apt/trusted.gpg.d",
    "apt/keyrings", "apt/preferences", "apt/preferences.d", "apt/apt.conf", "apt/apt.conf.d",
)  # fmt: skip
VAR = (
    "cache/debconf/config.dat", "cache/debconf/templates.dat", "lib/pam", "lib/python", "lib/ucf",
    "lib/shells.state", "lib/xml-core", "lib/sgml-base", "lib/ca-certificates-java",
    "lib/systemd/deb-systemd-helper-enabled",
)  # fmt: skip
DIRECTORIES = (
    "etc/sudoers.d", "etc/apt/apt.conf.d", "etc/apt/sources.list.d", "etc/apt/preferences.d",
    "etc/dpkg/dpkg.cfg.d", "etc/profile.d", "etc/alternatives", "etc/opt",
    "var/backups", "var/cache/apt/archives/partial", "var/cache/debconf", "var/lib/apt",
    "var/lib/dpkg", "var/lib/misc", "var/local", "var/log/apt", "var/mail", "var/opt", "var/spool",
    "usr/bin", "usr/sbin",
)  # fmt: skip
# Accounts that packages of a distribution take for granted; their masters lie in /usr.
MASTERS = "usr/share/base-passwd"
OVERRIDES = "var/lib/dpkg/statoverride"
SECRET = re.compile(r"://[^/\s]*@|proxy|password|token", re.IGNORECASE)
SUDOERS = (
    "Defaults !env_reset, always_set_home\nroot ALL=(ALL:ALL) ALL\n"
    f"{USER} ALL=(ALL:ALL) NOPASSWD:ALL\n{ALIAS} ALL=(ALL:ALL) NOPASSWD:ALL\n"
)
FILES = {
    "etc/hosts": argv.ETC_CONTENT["hosts"],
    "etc/hostname": argv.ETC_CONTENT["hostname"],
    "etc/resolv.conf": ends.RESOLV_CONF,
    "etc/nsswitch.conf": argv.ETC_CONTENT["nsswitch.conf"],
    "etc/gitconfig": argv.ETC_CONTENT["gitconfig"],
    "etc/profile": programs.profile(PROGRAMS, PATH),
    "etc/subuid": "",
    "etc/subgid": "",
    "etc/fstab": "",
    # apt may not change to a user of its own that owns nothing here, and services are not started.
    "etc/apt/apt.conf.d/99sandbox": 'APT::Sandbox::User "root";\nDpkg::Use-Pty "0";\n',
    "etc/dpkg/dpkg.cfg.d/sandbox": "path-exclude=/usr/bin/sudo\n",
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
}
UNFINISHED_SECONDS = 600.0
MODES = {"usr/sbin/policy-rc.d": 0o755, "usr/bin/sudo": 0o755, "etc/shadow": 0o640,
         "etc/gshadow": 0o640, "etc/sudoers": 0o440}  # fmt: skip


@lru_cache(maxsize=4)
def directory(place: Path, root: Path = Path("/")) -> Path:
    """The skeleton below `place` of the system at `root`, made when it is not there. It is never
    changed: sandboxes that run have it mounted."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".skeleton-", dir=place))
    try:
        made.chmod(0o755)
        _fill(made, root)
        found = place / f"skeleton-{_digest(made)}"
        if not found.exists():
            try:
                made.rename(found)
            except OSError:  # another process was faster
                if not found.exists():
                    raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return found


def prune(place: Path, root: Path = Path("/")) -> None:
    """Remove the skeletons of earlier settings and what was cut off a while ago. Only when no
    sandbox runs that may have one of them mounted, which cannot be seen from outside."""
    current = directory(place, root)
    going = [path for path in place.glob("skeleton-*") if path != current]
    cut_off = time.time() - UNFINISHED_SECONDS
    going += [path for path in place.glob(".skeleton-*") if path.stat().st_mtime < cut_off]
    for path in going:
        shutil.rmtree(path, ignore_errors=True)


def _fill(top: Path, root: Path) -> None:
    for name in DIRECTORIES:
        (top / name).mkdir(mode=0o755, parents=True, exist_ok=True)
    for name in ETC:
        _copy(root / "etc" / name, top / "etc" / name, root)
    for name in VAR:
        _copy(root / "var" / name, top / "var" / name, root)
    (top / "var/tmp").mkdir()
    (top / "var/tmp").chmod(0o1777)
    (top / "var/run").symlink_to("/run")
    (top / "var/lock").symlink_to("/run/lock")
    (top / "etc/mtab").symlink_to("/proc/mounts")
    content = {
        **FILES,
        **_accounts(root),
        "etc/sudoers": SUDOERS,
        "usr/bin/sudo": interpreter.sudo(),
    }
    for name, text in content.items():
        path = top / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(MODES.get(name, 0o644))


def _copy(source: Path, target: Path, root: Path) -> None:
    """What everybody may read, without what names passwords or this machine's own proxy."""
    try:
        info = source.lstat()
    except OSError:
        return
    if stat.S_ISLNK(info.st_mode):
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not target.is_symlink() and not target.exists():
            target.symlink_to(os.readlink(source))
    elif stat.S_ISDIR(info.st_mode) and info.st_mode & 0o005 == 0o005:
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in sorted(os.listdir(source)):
            _copy(source / name, target / name, root)
    elif stat.S_ISREG(info.st_mode) and info.st_mode & 0o004:
        data = source.read_bytes()
        if source.is_relative_to(root / "etc/apt") and SECRET.search(
            data.decode("utf-8", "replace")
        ):
            return
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(info.st_mode & 0o755)


def _accounts(root: Path) -> dict[str, str]:
    """passwd, group and their shadows: a distribution's own accounts, and the sandbox's user."""
    passwd = _rows(root, f"{MASTERS}/passwd.master", "etc/passwd") or argv.ETC_CONTENT["passwd"]
    group = (
        _rows(root, f"{MASTERS}/group.master", "etc/group")
        or "root:x:0:\nnogroup:x:65534:\nsudo:x:27:\n"
    )
    users = [re.sub(r"^([^:]*):[^:]*:", r"\1:x:", line) for line in passwd.splitlines()]
    users = [line for line in users if line and not line.startswith((f"{USER}:", f"{ALIAS}:"))]
    users += [f"{name}:x:{USER_ID}:{USER_ID}::{HOME}:/bin/bash" for name in (USER, ALIAS)]
    groups = [re.sub(r"^([^:]*):.*:(\d+):.*$", r"\1:x:\2:", line) for line in group.splitlines()]
    groups = [line for line in groups if not line.startswith((f"{USER}:", f"{ALIAS}:"))]
    groups = [
        f"{line}{USER},{ALIAS}" if line.startswith("sudo:") else line for line in groups if line
    ]
    groups += [f"{name}:x:{USER_ID}:" for name in (USER, ALIAS)]
    names = [line.split(":")[0] for line in users]
    return {
        "etc/passwd": "\n".join(users).replace("/root:/usr/sbin/nologin", "/root:/bin/bash") + "\n",
        "etc/group": "\n".join(groups) + "\n",
        "etc/shadow": "".join(f"{name}:*:19000:0:99999:7:::\n" for name in names),
        "etc/gshadow": "".join(f"{line.split(':')[0]}:*::\n" for line in groups),
    }


def _rows(root: Path, master: str, own: str) -> str:
    """Lines of a master file, and of our own accounts those that dpkg's overrides name."""
    try:
        lines = (root / master).read_text().splitlines()
    except OSError:
        return ""
    known = {line.split(":")[0] for line in lines}
    try:
        named = {
            word
            for line in (root / OVERRIDES).read_text().splitlines()
            for word in line.split()[:2]
        }
    except OSError:
        named = set()
    for line in (root / own).read_text(errors="replace").splitlines():
        name = line.split(":")[0]
        if name in named - known:
            lines.append(line)
    return "\n".join(lines)


def _digest(top: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*")):
        info = path.lstat()
        digest.update(
            f"{path.relative_to(top)}\0{info.st_mode}\0".encode("utf-8", "surrogateescape")
        )
        if path.is_symlink():
            digest.update(os.readlink(path).encode("utf-8", "surrogateescape"))
        elif path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
