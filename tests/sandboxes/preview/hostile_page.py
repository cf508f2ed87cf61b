"""What a hostile page in a preview tries, as scripts that a browser runs in it."""

from __future__ import annotations

from typing import Any

from sandboxes.models import Sandbox

FETCH = """url => fetch(url, {credentials: 'include', mode: 'MODE'})
    .then(r => r.type + ':' + r.status, e => e.name)"""
LOADED = """url => new Promise(done => { const it = document.createElement('TAG');
    it.onload = () => done('loaded'); it.onerror = () => done('refused');
    it.src = url; document.body.append(it); })"""
SOCKET = """url => new Promise(done => { const s = new WebSocket(url);
    s.onopen = () => done('open'); s.onerror = () => done('refused'); })"""
POST = """url => { const form = document.createElement('form');
    form.method = 'post'; form.action = url; document.body.append(form); form.submit(); }"""
FRAME = """url => new Promise(done => { const frame = document.createElement('iframe');
    frame.onload = done; frame.src = url; document.body.append(frame); })"""


def noted(web, sandbox: Sandbox, name: str) -> dict[str, Any] | None:
    return web.said(web.host(sandbox), f"/noted?name={name}")
