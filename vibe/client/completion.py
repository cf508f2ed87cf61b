"""`vibe completion SHELL`: what the shell needs to complete words."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

BASH = """\
_vibe() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{commands}" -- "$word"))
  elif [ "${{word#-}}" != "$word" ]; then
    COMPREPLY=($(compgen -W "$(vibe "${{COMP_WORDS[1]}}" --help 2>/dev/null \
| grep -oE -- '--[a-z-]+' | sort -u)" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$(vibe ls 2>/dev/null | awk 'NR>1 {{print $1}}')" -- "$word")\
 $(compgen -f -- "$word"))
  fi
}}
complete -o nosort -F _vibe vibe
"""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + BASH.replace("-o nosort ", "")
FISH = """\
complete -c vibe -n __fish_use_subcommand -f -a "{commands}"
complete -c vibe -n "not __fish_use_subcommand" \\
  -a "(vibe ls 2>/dev/null | awk 'NR>1 {{print \\$1}}')"
"""
SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def script(parser: ArgumentParser, options: Namespace) -> int:
    """Print the script: `source <(vibe completion bash)`."""
    print(SHELLS[options.shell].format(commands=" ".join(sorted(names(parser)))), end="")
    return 0


def names(parser: ArgumentParser) -> list[str]:
    """The commands of the client."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            return list(action.choices)
    return []
