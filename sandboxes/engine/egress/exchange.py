"""Requests that the proxy reads: plain HTTP, and TLS where rules of the policy look inside."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

import h11

from .answers import Refusal, wrong_host
from .decision import Decision
from .headers import Headers, changes, end_to_end, forwarded
from .last_hop import with_login
from .matching import Asked, fitting
from .origin import Origin, asks_for, origin_of
from .passage import Passage
from .peer import HttpPeer
from .policy import CannedResponse
from .relay import IDLE_SECONDS, Relay


class Exchanges:
    """The requests of one client connection, one after the other.

    `origin` is fixed inside a tunnel; without one, each request names its own. `upstream`: a
    connection that leads there already, and by which decision.
    """

    def __init__(
        self,
        passage: Passage,
        peer: HttpPeer,
        origin: Origin | None,
        upstream: tuple[Origin, Decision, HttpPeer] | None = None,
    ) -> None:
        self.passage = passage
        self.peer = peer
        self.fixed = origin
        self._upstream = upstream

    async def run(self, request: h11.Request | None) -> None:
        """Until the client closes, or a connection cannot be used again. Raises Refusal."""
        try:
            while request is not None:
                try:
                    if not await self._exchange(request):
                        return
                except Refusal:
                    if self.peer.connection.our_state is h11.SEND_RESPONSE:
                        raise
                    return  # the answer had begun: all that is left is to hang up
                self.peer.connection.start_next_cycle()
                request = await self.peer.head(IDLE_SECONDS)
        except h11.ProtocolError:
            return
        finally:
            self._leave()

    async def _exchange(self, request: h11.Request) -> bool:
        """One request and its answer; whether another one may follow."""
        if self.fixed is None:
            origin, target = origin_of(request.target)
        else:
            origin, target = self.fixed, self._target_inside(request, self.fixed)
        decision = await self.passage.admit(origin.host, origin.port)
        rules = fitting(decision.rules, _asked(request, target))
        for rule in rules:
            if rule.response is not None:
                self.passage.note(origin.host, origin.port, True, "answered by a rule")
                return await self._answer(request.method, rule.response)
        headers = forwarded(request, origin, changes(rules))
        forward = next((rule.forwardURL for rule in rules if rule.forwardURL), None)
        if forward is not None:
            return await self._forward(request, headers, origin, target, forward)
        upstream = await self._upstream_of(origin, decision)
        out = h11.Request(method=request.method, target=target, headers=headers)
        return await self._relay(upstream, with_login(out, origin, decision.logins))

    def _target_inside(self, request: h11.Request, origin: Origin) -> str:
        """The path of a request in a tunnel, which must be for the tunnel's own host: what lies
        behind a shared address goes by the name in the request."""
        target = request.target.decode("ascii", "replace")
        if request.method == b"CONNECT" or not (target.startswith("/") or target == "*"):
            raise Refusal(400, "Inside a tunnel a request names a path")
        for name, value in request.headers:
            if name == b"host" and not asks_for(value, origin):
                why = "a request in its tunnel was for another host"
                self.passage.note(origin.host, origin.port, False, why)
                raise wrong_host(origin.host)
        return target

    async def _answer(self, method: bytes, canned: CannedResponse) -> bool:
        with contextlib.suppress(h11.RemoteProtocolError):
            async with asyncio.timeout(IDLE_SECONDS):
                while not isinstance(await self.peer.event(), h11.EndOfMessage):
                    pass
        body = canned.body.encode()
        headers: Headers = [
            (name.lower().encode(), value.encode()) for name, value in canned.headers.items()
        ]
        if canned.contentType:
            headers.append((b"content-type", canned.contentType.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        await self.peer.send(h11.Response(status_code=canned.statusCode, headers=headers))
        if body and method != b"HEAD" and canned.statusCode not in (204, 304):
            await self.peer.send(h11.Data(data=body))
        await self.peer.send(h11.EndOfMessage())
        return _reusable(self.peer)

    async def _forward(
        self, request: h11.Request, headers: Headers, origin: Origin, target: str, url: str
    ) -> bool:
        """To the address of the rule; where it was meant for goes along in headers."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        port = parts.port or (443 if parts.scheme == "https" else 80)
        there = Origin(parts.scheme, parts.hostname.lower(), port)
        meant = {
            b"vercel-forwarded-host": origin.authority, b"vercel-forwarded-scheme": origin.scheme,
            b"vercel-forwarded-port": str(origin.port), b"vercel-forwarded-path": target,
        }  # fmt: skip
        kept = [(name, value) for name, value in headers if name != b"host" and name not in meant]
        kept += [(b"host", there.authority.encode())]
        kept += [(name, value.encode()) for name, value in meant.items()]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # The owner's rule names the address, so the policy need not list it; what it leads to
        # is checked like everything else.
        decision = Decision(True, "forwardURL", denied=self.passage.policy.subnets.deny)
        upstream = await self._upstream_of(there, decision)
        return await self._relay(
            upstream, h11.Request(method=request.method, target=path, headers=kept)
        )

    async def _upstream_of(self, origin: Origin, decision: Decision) -> HttpPeer:
        """The connection of the request before, if it leads there and is free; else a new one."""
        if self._upstream and self._upstream[:2] == (origin, decision):
            peer = self._upstream[2]
            if not peer.reader.at_eof():
                if peer.connection.our_state is h11.IDLE:
                    return peer
                with contextlib.suppress(h11.ProtocolError):
                    peer.connection.start_next_cycle()
                    return peer
        self._leave()
        stream = await self.passage.reach(origin.host, origin.port, decision)
        try:
            if origin.scheme == "https":
                await self.passage.secure(stream, origin.host)
        except BaseException:
            stream[1].close()
            raise
        peer = HttpPeer(h11.CLIENT, *stream)
        self._upstream = (origin, decision, peer)
        return peer

    async def _relay(self, upstream: HttpPeer, request: h11.Request) -> bool:
        """Both bodies at once: an answer may come before all of the request is sent."""
        await upstream.send(request)
        sending = asyncio.create_task(self._send_body(upstream))
        try:
            switched = await self._receive(upstream)
            if switched:
                await self._switch(upstream)
                return False
            if not sending.done():
                return False
        except (h11.RemoteProtocolError, OSError, TimeoutError):
            name = self._upstream[0].host if self._upstream else "The host"
            raise Refusal(502, f"{name} broke off, or does not speak HTTP/1.1") from None
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        if not _reusable(upstream):
            self._leave()
        return _reusable(self.peer)

    async def _send_body(self, upstream: HttpPeer) -> None:
        while True:
            event = await self.peer.event()
            if isinstance(event, h11.Data):
                await upstream.send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                await upstream.send(h11.EndOfMessage())
                return
            else:
                return

    async def _receive(self, upstream: HttpPeer) -> bool:
        """The answer to the client; True when it switches protocols."""
        while True:
            event = await upstream.event()
            if isinstance(event, h11.InformationalResponse):
                switching = event.status_code == 101
                headers = end_to_end(event.headers, keep_upgrade=switching)
                await self.peer.send(
                    h11.InformationalResponse(status_code=event.status_code, headers=headers)
                )
                if switching:
                    return True
            elif isinstance(event, h11.Response):
                await self.peer.send(
                    h11.Response(
                        status_code=event.status_code,
                        reason=event.reason,
                        headers=end_to_end(event.headers),
                    )
                )
            elif isinstance(event, h11.Data):
                await self.peer.send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                await self.peer.send(h11.EndOfMessage())
                return False
            else:
                raise h11.RemoteProtocolError("it ended too early")

    async def _switch(self, upstream: HttpPeer) -> None:
        upstream.writer.write(self.peer.trailing())
        self.peer.writer.write(upstream.trailing())
        near = (self.peer.reader, self.peer.writer)
        await Relay().run(near, (upstream.reader, upstream.writer))

    def _leave(self) -> None:
        if self._upstream:
            self._upstream[2].writer.close()
            self._upstream = None


def _asked(request: h11.Request, target: str) -> Asked:
    headers = tuple(
        (name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers
    )
    return Asked(request.method.decode("ascii"), target, headers)


def _reusable(peer: HttpPeer) -> bool:
    state = peer.connection
    return state.our_state is h11.DONE and state.their_state is h11.DONE
