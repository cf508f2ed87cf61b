"""Words of shell lines that `chat.tools.shell_risks` knows: what runs others, what deletes,
publishes or throws away.
"""

from __future__ import annotations

import re

MANY_FILES = 10

SHELLS = {"sh", "bash", "zsh", "dash", "ash", "ksh", "fish"}
INTERPRETERS = SHELLS | {"python", "python3", "node", "deno", "perl", "ruby", "php"}
ROOT = {"sudo", "su", "doas", "pkexec", "runuser"}
# They run what follows them, after options of their own.
WRAPPERS = {
    "env", "nohup", "time", "nice", "ionice", "timeout", "command", "exec", "builtin", "setsid",
    "stdbuf", "xvfb-run", "busybox", "toybox", "npx", "bunx", "pnpx", "uvx", "chroot", "unbuffer",
    "!", "then", "do", "else", "{", "if", "while", "until", "elif", "script", "watch", "parallel",
    "chronic", "strace", "caffeinate", "flock", "coproc", "unshare", "nsenter",
}  # fmt: skip
RUNNERS = {("npm", "exec"), ("pnpm", "dlx"), ("pnpm", "exec"), ("yarn", "dlx"), ("pipx", "run"),
           ("uv", "run"), ("bun", "x"), ("poetry", "run")}  # fmt: skip
SOURCES = {"curl", "wget", "base64", "xxd", "openssl", "gpg", "gunzip", "zcat", "uudecode", "nc",
           "ncat", "http", "https", "fetch", "printf", "echo", "rev", "tr"}  # fmt: skip
# Alone, or with one of these words after it.
PUBLISHES: dict[str, set[str]] = {
    "git": {"push", "send-email"}, "npm": {"publish", "unpublish", "deprecate"},
    "pnpm": {"publish"}, "yarn": {"publish"}, "bun": {"publish"}, "twine": {"upload"},
    "uv": {"publish"}, "poetry": {"publish"}, "flit": {"publish"}, "hatch": {"publish"},
    "pdm": {"publish"}, "cargo": {"publish", "yank"}, "gem": {"push", "yank"},
    "docker": {"push"}, "podman": {"push"}, "buildah": {"push"}, "skopeo": {"copy"},
    "gh": {"release", "repo", "pr", "gist", "issue", "workflow"}, "glab": {"release", "mr"},
    "netlify": {"deploy"}, "wrangler": {"deploy", "publish"}, "firebase": {"deploy"},
    "fly": {"deploy", "launch"}, "flyctl": {"deploy", "launch"}, "railway": {"up", "deploy"},
    "render": {"deploy"}, "kubectl": {"apply", "delete"}, "terraform": {"apply", "destroy"},
    "gsutil": {"cp", "rsync"}, "eas": {"submit", "update"}, "expo": {"publish"},
    "vercel": set(), "surge": set(), "heroku": set(), "gcloud": set(), "aws": set(), "az": set(),
    "gh-pages": set(), "scp": set(), "sftp": set(), "ftp": set(), "lftp": set(),
}  # fmt: skip
HISTORY = {
    "reset": {"--hard", "--merge", "--keep"}, "restore": set(), "stash": {"drop", "clear"},
    "checkout": {"--", ".", "-f", "--force"}, "switch": {"-f", "--force", "--discard-changes"},
    "filter-branch": set(), "filter-repo": set(), "reflog": {"expire", "delete"}, "gc": {"--prune"},
    "branch": {"-D"}, "update-ref": {"-d"},
}  # fmt: skip
MENTIONS = (
    ("delete", re.compile(
        r"\b(?:rm|shred|rimraf|unlink|srm)\b|-delete\b|rmtree|rmSync|rm_rf|removedirs|unlinkSync|"
        r"fs\.rm\b|\bdel-cli\b|FileUtils\.rm|remove_tree|\.rmdir\(|deltree", re.I)),
    ("root", re.compile(r"\b(?:sudo|doas|pkexec)\b")),
    ("publish", re.compile(r"\b(?:push|publish|upload|deploy)\b")),
)  # fmt: skip
# In the code of another language only these are looked for.
IN_CODE = re.compile(
    r"rmtree|rmSync|rm_rf|rm_r\b|removedirs|fs\.(?:promises\.)?rm\b|remove_tree|remove_dir_all|"
    r"\brm\s+-|[\"']rm[\"']|rimraf|unlink\s+glob"
)
SUDO = re.compile(r"\bsudo\b")
DECODES = re.compile(r"b64decode|unhexlify|fromhex\(|atob\(|decode_base64")
HEREDOC = re.compile(
    r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n(.*?)(?:\n[ \t]*\2[ \t]*(?=\n|\)|$)|\Z)", re.S
)
# Of the unquoted $( the lexer leaves the sign alone.
COMPUTED = re.compile(r"\$\(|`|\$[\w{@*!'\"]|\$$")
# A word that stands for a program's name only once the shell has worked on it. A variable alone
# may be any program; what is put together of pieces hides which.
PIECED = re.compile(r"[*?\[{]|\$[@*!]|.\$|\$(?!\{?\w+\}?$)|`")
# Programs that run commands which stand in the text they are given.
CARRIERS = {"awk", "gawk", "mawk", "lua", "sed", "vi", "vim", "ex", "tmux", "screen", "expect"}
# What a process substitution gives out, run as a script.
RUNS_OUTPUT = re.compile(
    r"(?:^|[\s;&|(])(?:\S*/)?(?:ba|z|da|k|a)?sh\s+(?:-\S+\s+)*<\(|(?:source|\.)\s+<\("
)
ENDS = set(";&|()\n")


def name_of(word: str) -> str:
    """The program that a word calls."""
    return word.rsplit("/", 1)[-1].lstrip("\\")
