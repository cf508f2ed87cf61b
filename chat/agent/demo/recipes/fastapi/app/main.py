"""An idea board: FastAPI checks what is sent, and pushes changes to every open page."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

HERE = Path(__file__).parent
PORT = int(os.environ.get("PORT", "3000"))
KEEP_ALIVE_SECONDS = 15.0

# The page of the API at /docs would load its scripts from another server.
app = FastAPI(title="Ideas", docs_url=None, redoc_url=None)


class NewIdea(BaseModel):
    text: str = Field(min_length=1, max_length=200)


class Idea(NewIdea):
    id: int
    votes: int = 0


_numbers = itertools.count(1)
ideas: dict[int, Idea] = {}
_changed = asyncio.Event()


def add(text: str, votes: int = 0) -> Idea:
    idea = Idea(id=next(_numbers), text=text, votes=votes)
    ideas[idea.id] = idea
    return idea


for start, count in (("A reading corner by the window", 5), ("Soup on Wednesdays", 3)):
    add(start, count)


def ranked() -> list[Idea]:
    return sorted(ideas.values(), key=lambda idea: (-idea.votes, idea.id))


def tell() -> None:
    """Wake every page that listens."""
    global _changed
    _changed.set()
    _changed = asyncio.Event()


@app.get("/api/ideas")
async def all_ideas() -> list[Idea]:
    return ranked()


@app.post("/api/ideas", status_code=201)
async def new_idea(idea: NewIdea) -> Idea:
    made = add(idea.text.strip())
    tell()
    return made


@app.post("/api/ideas/{number}/vote")
async def vote(number: int) -> Idea:
    if number not in ideas:
        raise HTTPException(404, "There is no such idea")
    ideas[number].votes += 1
    tell()
    return ideas[number]


@app.get("/api/events")
async def events() -> StreamingResponse:
    async def stream() -> AsyncIterator[str]:
        while True:
            changed = _changed
            yield f"data: {json.dumps([idea.model_dump() for idea in ranked()])}\n\n"
            try:
                await asyncio.wait_for(changed.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


app.mount("/", StaticFiles(directory=HERE / "public", html=True))

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=PORT)
