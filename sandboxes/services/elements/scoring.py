"""How well an opening tag of a source fits an element of a page."""

from __future__ import annotations

from sandboxes.services.elements.element import Ancestor, Element, squeezed
from sandboxes.services.elements.openings import Attribute, Opening
from sandboxes.services.elements.patterns import fits, is_literal, pieces

NEVER = -1000.0
# What is worth how much when it is the same. The first prove the place if nothing else has them.
PROOFS = {"id": 12.0, "data-testid": 12.0, "name": 6.0, "href": 6.0, "src": 6.0, "placeholder": 6.0,
          "alt": 6.0, "aria-label": 6.0, "for": 6.0, "title": 5.0, "action": 5.0}  # fmt: skip
OTHERS = {"type": 2.0, "role": 2.0, "value": 3.0, "rel": 1.0, "method": 1.0}
# As these languages call them.
CALLED = {"className": "class", "htmlFor": "for", "srcSet": "srcset", "tabIndex": "tabindex"}
# Written at run time as often as not.
LOOSE = {"style", "checked", "disabled", "open", "hidden", "selected", "aria-current", "tabindex"}
COMPONENTS = {"link": "a", "navlink": "a", "image": "img", "routerlink": "a", "form": "form"}


class Fit:
    """`score`, and whether something in it is a proof."""

    def __init__(self, element: Element, opening: Opening) -> None:
        self.proof = False
        self.score = self._tag(element, opening)
        if self.score <= NEVER:
            return
        for name, attribute in opening.attributes.items():
            self._attribute(element, CALLED.get(name, name), attribute)
        self._text(element, opening)
        self._above(element.chain, opening)
        self.score += 1.0 if opening.nth == element.nth else -1.0

    def _tag(self, element: Element, opening: Opening) -> float:
        written, shown = opening.tag.lower(), element.tag.lower()
        if written == shown and opening.tag == opening.tag.lower():
            return 2.0
        if opening.tag != opening.tag.lower() or "." in opening.tag:  # a component
            known = COMPONENTS.get(written, written) == shown
            return 1.0 if known else -4.0
        return NEVER

    def _attribute(self, element: Element, name: str, written: Attribute) -> None:
        value = written.value
        if written.kind == "code":
            inner = value.strip()
            if len(inner) < 2 or inner[0] not in "\"'`" or inner[-1] != inner[0]:
                return
            value = inner[1:-1].replace("${", "{") if inner[0] == "`" else inner[1:-1]
        if name == "class":
            self._classes(element, value)
            return
        weight = PROOFS.get(name) or OTHERS.get(name) or (3.0 if name.startswith("data-") else 0)
        if not weight or name in LOOSE or written.kind == "bare":
            return
        shown = element.attributes.get(name)
        if shown is None:
            self.score -= 20.0 if name == "id" else 3.0
            return
        certain = fits(value, squeezed(shown))
        if certain < 0:
            self.score -= 20.0 if name == "id" else 6.0
        elif is_literal(value):
            self.score += weight
            self.proof = self.proof or (name in PROOFS and bool(shown))
        else:
            self.score += min(weight, 1.0 + certain / 4)

    def _classes(self, element: Element, value: str) -> None:
        has = set(element.classes)
        sure = {one for piece in pieces(value) for one in piece.split()}
        missing = len(sure - has)
        if is_literal(value):
            self.score += min(8.0, 1.5 * len(sure & has)) - 4.0 * missing
            self.score += 1.0 if sure == has else 0.0
        else:  # a piece may be the half of a name
            self.score += min(4.0, len(sure & has)) - 0.5 * missing

    def _text(self, element: Element, opening: Opening) -> None:
        shown, written = squeezed(element.text), squeezed(opening.content)
        if not written:
            # A component hands it on, and one without an end shows what it is given.
            self.score += 1.0 if not shown else -3.0
            return
        certain = fits(opening.content, shown)
        if certain < 0:
            self.score -= 8.0
        elif is_literal(opening.content):
            self.score += 4.0 + min(8.0, certain / 2)
            self.proof = self.proof or certain >= 2
        else:
            self.score += min(8.0, 1.0 + certain / 2) if shown else 0.0

    def _above(self, chain: tuple[Ancestor, ...], opening: Opening) -> None:
        above, weight = opening.parent, 1.5
        for ancestor in chain[:4]:
            if above is None:
                return
            if above.tag.lower() == ancestor.tag:
                self.score += weight + weight * self._same(above, ancestor)
            elif above.tag == above.tag.lower():
                self.score -= weight
            above, weight = above.parent, weight * 0.7

    def _same(self, above: Opening, ancestor: Ancestor) -> float:
        for names, shown in ((("id",), ancestor.id), (("class", "className"), ancestor.classes)):
            for name in names:
                written = above.attributes.get(name)
                if written is not None and written.kind == "quoted" and written.value:
                    return 1.0 if fits(written.value, squeezed(shown)) >= 0 else -1.0
        return 0.0
