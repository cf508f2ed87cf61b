"""What looks like an error and is none that anybody has to act on: each with the reason."""

from __future__ import annotations

import re

DEPRECATED = "a deprecation: it works, and will for a while"
AUDIT = "a report of npm on packages: nothing is broken by it"
HINT = "a hint of a build tool, the build is whole"
REACT = "a development warning of React: the page works"
NOTICE = "a notice of a tool about itself"
WARNED = "a warning, as it says itself"
BROWSER = "something that the browser does by itself"
FOREIGN = "not of the app: a browser extension or a script of another site"
ICON = "a missing icon, which every browser asks for unasked"
CANCELLED = "a request that the page itself took back"
NO_MATCH = "that program says by its exit code that nothing was found or that two things differ"

_TABLE: tuple[tuple[str, str], ...] = (
    (r"\b(?:Pending)?DeprecationWarning\b|\[DEP\d+\]|\bis deprecated\b", DEPRECATED),
    (r"^npm warn deprecated\b", DEPRECATED),
    (r"\bdeprecated\b.*\b(?:use|removed in)\b|\bRemovedIn\w+Warning\b", DEPRECATED),
    (r"^npm (?:warn|WARN|notice)\b|^(?:yarn|pnpm)? ?(?:warning|WARN)\b", AUDIT),
    (r"\b\d+ (?:\w+ severity )?(?:vulnerability|vulnerabilities)\b", AUDIT),
    (r"\bnpm (?:audit|fund)\b|looking for funding", AUDIT),
    (r"^\(!\)|chunks? (?:are|is) larger than|Some chunks|The CJS build of Vite", HINT),
    (r"\[vite\] (?:hmr update|page reload|connect|\(client\))", HINT),
    (r"\[vite\] server (?:connection lost|restarted)", HINT),
    (r"Browserslist: |caniuse-lite is outdated|Failed to load source ?map|Sourcemap for", HINT),
    (r"\bWARNING in\b|\basset size limit\b|\bentrypoint size limit\b", HINT),
    (r"Each child in a list should have a unique .?key|^Warning: |\bvalidateDOMNesting\b", REACT),
    (r"Download the React DevTools|not wrapped in act\(|React Router Future Flag", REACT),
    (r"hydration-mismatch|Extra attributes from the server", REACT),
    (r"\[notice\]|new release of pip|Running pip as the 'root' user", NOTICE),
    (r"new (?:major|minor|patch) version of npm", NOTICE),
    (r"This is a development server|Debugger (?:is active|PIN)|Watching for file changes", NOTICE),
    (r"\b(?:Future|User|Runtime|Experimental|Resource|Import|Syntax|Bytes)Warning\b", WARNED),
    (r"^\s*(?:\[?\d[\d:., T-]*\]?\s*)?\[?(?:WARN(?:ING)?|warn(?:ing)?)\b", WARNED),
    (r"^\s*\d+:\d+\s+warning\s|\bPHP (?:Warning|Notice|Deprecated):", WARNED),
    (r"ResizeObserver loop|\[Violation\]|Slow network is detected", BROWSER),
    (r"DevTools failed to load|third-party cookie", BROWSER),
    (r"play\(\) (?:failed|request was interrupted)|user (?:didn.t|gesture)", BROWSER),
    (r"preloaded using link preload but not used|Permissions-Policy", BROWSER),
    (r"(?:chrome|moz|safari-web)-extension://|^Script error\.?$", FOREIGN),
    (r"/favicon\.ico|apple-touch-icon|/\.well-known/appspecific", ICON),
    (r"\bAbortError\b|signal is aborted|net::ERR_ABORTED|NS_BINDING_ABORTED", CANCELLED),
)  # fmt: skip
_KNOWN = [(re.compile(pattern), why) for pattern, why in _TABLE]
# Their exit code 1 is an answer.
ANSWERING = frozenset(
    {"grep", "rg", "egrep", "fgrep", "diff", "cmp", "test", "[", "which", "pgrep"}
)
LONGEST = 2_000


def reason(text: str) -> str:
    """Why nobody has to act on it; "" when somebody may have to."""
    text = text[:LONGEST]
    return next((why for pattern, why in _KNOWN if pattern.search(text)), "")
