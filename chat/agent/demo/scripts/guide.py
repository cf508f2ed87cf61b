"""What the demo model is, and what it can do."""

from __future__ import annotations

from chat.agent.demo.steps import Say, Script

ABILITIES = """\
- **Create a new sandbox**
- **Create a simple Node.js hello world app**, then **Run the app with node index.js** and \
**What's the URL for port 3000?**
- **Create a Python web app** (a to-do list), **Create a static page for my bakery**, \
**Create a snake game**
- **Run `python3 --version`**, or any other command
- **Change the heading to Good morning**, **Change the colour to green**
- **List the files**, **Show index.js**
- **Stop the server**, **Run it again**"""


def help_() -> Script:
    yield Say(
        "I am the demo model: a script, not an AI, that drives the real sandbox so that you can "
        f"try everything without an account. You can ask me to:\n\n{ABILITIES}\n\n"
        "For a real model set `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, or `OPENAI_BASE_URL` for a "
        "local one, and restart."
    )


def unknown() -> Script:
    yield Say(
        "I am the demo model, a script, and that is beyond me. Here is what I can do:\n\n"
        f"{ABILITIES}\n\n"
        "For everything else connect a real model: set `OPENAI_API_KEY` or `ANTHROPIC_API_KEY` "
        "(or `OPENAI_BASE_URL` for a local server such as Ollama) and restart."
    )
