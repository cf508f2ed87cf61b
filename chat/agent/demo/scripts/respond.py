"""The script that answers an intent."""

from __future__ import annotations

from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import (
    building,
    changes,
    commands,
    files,
    guide,
    pages,
    repair,
    sandbox,
)
from chat.agent.demo.steps import Script


def script(scene: Scene) -> Script:
    """The script for the scene's request."""
    intent = scene.intent
    match intent.name:
        case "build":
            return building.build(scene, intent)
        case "run":
            return commands.run(scene, intent.line)
        case "install":
            return commands.install(scene, intent.text)
        case "url":
            return commands.url(scene, intent.port)
        case "words":
            return changes.words(scene, intent)
        case "colour" | "background":
            return changes.colour(scene, intent)
        case "size":
            return changes.size(scene, intent)
        case "rename":
            return changes.rename(scene, intent.path, intent.text)
        case "page":
            return pages.another(scene, intent.text)
        case "new_file":
            return files.new(scene, intent.path, intent.text)
        case "show":
            return files.show(scene, intent.path)
        case "search":
            return files.search(scene, intent.text)
        case "delete":
            return files.delete(scene, intent.path)
        case "download":
            return guide.told(scene, "files.download")
        case "logs" | "deploy":
            return guide.told(scene, f"talk.{intent.name}")
    return PLAIN.get(intent.name, guide.unknown)(scene)


PLAIN = {
    "sandbox": sandbox.new,
    "again": commands.again,
    "stop": commands.stop,
    "dark": changes.dark,
    "nicer": changes.nicer,
    "list": files.listing,
    "code": files.code,
    "delete_all": files.delete_all,
    "undo": repair.undo,
    "fix": repair.fix,
    "help": guide.help_,
    "hello": guide.hello,
    "thanks": guide.thanks,
    "bye": guide.bye,
    "continue": guide.continue_,
    "explain": guide.explain,
    "tests": guide.tests,
}
