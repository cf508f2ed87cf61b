"""axe at a page, light and dark: what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.fixtures import packages

AXE = "4.14.1"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What a previewed program shows is its own; of the hundred rows of the documentation that are
# alike, the first three below each head will do.
FIND = """async (grave) => {
  const fading = document.getAnimations().filter((motion) => motion instanceof CSSTransition);
  await Promise.allSettled(fading.map(({ finished }) => finished));
  const alike = ".operation-tag-content > span:nth-of-type(n+4)";
  const where = { include: [document], exclude: [alike] };
  const { violations } = await axe.run(where, { iframes: false, resultTypes: ["violations"] });
  const counts = ({ impact }) => !grave || ["serious", "critical"].includes(impact);
  const told = violations.filter(counts);
  return told.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html)}`);
}"""


def source() -> str:
    """The text of axe, for `add_init_script`: by the page itself its policy would refuse it."""
    directory = packages.from_npm(f"axe-{AXE}", f"axe-core@{AXE}")
    return (directory / "node_modules" / "axe-core" / "axe.min.js").read_text()


@dataclass
class Walk:
    """A way through pages and their states; `found` says where axe had something to say."""

    page: Page
    found: dict[str, Any] = field(default_factory=dict)

    def look(self, what: str, shown: str, *, grave: bool = False, phone: bool = False) -> None:
        """Once `shown` is there. `grave`: only what is serious counts: pages of others' making."""
        page = self.page
        page.set_viewport_size(PHONE if phone else WIDE)
        for scheme in ("light", "dark"):  # the page follows at once
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            expect(page.locator(shown).first).to_be_visible()
            if told := page.evaluate(FIND, grave):
                self.found[f"{what}, {scheme}"] = told
        if phone:
            page.set_viewport_size(WIDE)
