"""The agent's tools, a folder each: `tool.py` is what models call, `card.py` the words and pieces
of the call's card in the chat. They call services and say what came of it, nothing more.

To add one: copy a folder, rename the function in its `tool.py`, add the name to `registry.TOOLS`.
Web processes load cards, so a `card.py` and a folder's `__init__.py` import nothing of the agent
library.
"""
