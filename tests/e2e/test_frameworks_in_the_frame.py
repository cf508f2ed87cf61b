"""Frameworks as their tutorials have them, in the workbench's frame: what is kept in cookies works.

Their packages come from the registry that this machine is set up for, so this is for when asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.e2e.framed import afresh, conversation, sign_in_link
from tests.fixtures.firefox import BidiError, Firefox, firefox, running_firefox
from tests.fixtures.length import FULL, length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.battery]
INSTALLED_WITHIN = 600.0
needs_firefox = pytest.mark.skipif(
    firefox() is None, reason="needs Firefox (Debian: apt install firefox-esr)"
)
# All lead to the first, as tests/e2e/test_frame.py shows.
OPENED_AS = length(["127.0.0.1"], ["app.vibe.localhost", "localhost", "127.0.0.1"])

FLASK = """
from flask import Flask, flash, get_flashed_messages, redirect, request, session
app = Flask(__name__); app.secret_key = "tutorial"
@app.get("/")
def home():
    return f'''<p id=who>{session.get("name", "nobody")}</p><p id=said>{get_flashed_messages()}</p>
    <form method=post action=/login><input name=name><button>Log in</button></form>'''
@app.post("/login")
def login():
    session["name"] = request.form["name"]; flash("You were logged in"); return redirect("/")
app.run(port=3000)
"""
DJANGO = """
pip install -q django && django-admin startproject site_ . && python3 manage.py migrate -v 0 &&
DJANGO_SUPERUSER_PASSWORD=secret python3 manage.py createsuperuser --noinput --username ada \
    --email a@example.com && exec python3 manage.py runserver --noreload 3000
"""
STREAMLIT = """
import streamlit as st
file = st.file_uploader("Upload")
if file: st.write(f"{file.name} has {len(file.getvalue())} bytes")
rows = [{"number": n, "text": f"row {n} of sixty thousand"} for n in range(60_000)]
st.dataframe(rows)
st.write(f"{len(rows)} rows sent")
"""


@pytest.fixture(scope="module")
def served_flask(platform: Platform, program: Client) -> str:
    """Path of a conversation whose frame shows it."""
    script = f"pip install -q flask && exec python3 -c '{FLASK.replace(chr(39) * 3, chr(34) * 3)}'"
    return conversation(platform, program, "sh", "-c", script, within=INSTALLED_WITHIN)


@pytest.fixture(scope="module")
def served_django(platform: Platform, program: Client) -> str:
    return conversation(platform, program, "sh", "-c", DJANGO, within=INSTALLED_WITHIN)


@pytest.fixture
def flask(platform: Platform, program: Client, served_flask: str) -> str:
    return afresh(platform, program, served_flask)


@pytest.fixture
def django(platform: Platform, program: Client, served_django: str) -> str:
    return afresh(platform, program, served_django)


@pytest.fixture(params=OPENED_AS)
def base(request: pytest.FixtureRequest, platform: Platform) -> str:
    """The platform as somebody opens it."""
    return f"http://{request.param}:{platform.port}"


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page of a browser in which nobody is signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def framed(platform: Platform, page: Page, base: str, path: str) -> FrameLocator:
    """The frame of the conversation, for somebody who signs in at this address."""
    page.goto(sign_in_link(platform, base))
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(re.compile(r"/new/|/c/"))
    page.goto(f"{base}{path}")
    return page.frame_locator("#preview-frame iframe")


def test_a_session_of_flask_lasts(
    platform: Platform, stranger: Page, base: str, flask: str
) -> None:
    frame = framed(platform, stranger, base, flask)

    frame.locator("input").fill("Ada")
    frame.get_by_role("button").click()

    expect(frame.locator("#who")).to_have_text("Ada")
    expect(frame.locator("#said")).to_contain_text("You were logged in")


def test_the_admin_of_django_lets_in_and_shows_its_messages(
    platform: Platform, stranger: Page, base: str, django: str
) -> None:
    frame = framed(platform, stranger, base, django)
    expect(frame.locator("body")).to_contain_text("The install worked successfully")
    stranger.locator("#preview-path").fill("/admin/auth/group/add/")
    stranger.locator("#preview-path").press("Enter")

    frame.locator("#id_username").fill("ada")
    frame.locator("#id_password").fill("secret")
    frame.get_by_role("button", name="Log in").click()
    frame.locator("#id_name").fill(f"Painters at {base}")
    frame.get_by_role("button", name="Save", exact=True).click()

    expect(frame.locator(".messagelist .success")).to_contain_text("was added successfully")


@pytest.mark.skipif(not FULL, reason="a large installation: VIBE_TEST_BATTERY=full")
def test_streamlit_takes_a_file_and_shows_a_table_of_sixty_thousand_rows(
    platform: Platform, program: Client, stranger: Page
) -> None:
    sizes: list[int] = []
    stranger.on("websocket", lambda socket: socket.on(
        "framereceived", lambda frame: sizes.append(len(frame))
    ))  # fmt: skip
    script = (
        f"pip install -q streamlit && printf %s '{STREAMLIT}' > app.py && exec streamlit run app.py"
        " --server.port 3000 --server.headless true --browser.gatherUsageStats false"
    )
    path = conversation(platform, program, "sh", "-c", script, within=INSTALLED_WITHIN)
    frame = framed(platform, stranger, platform.site, path)
    expect(frame.locator("body")).to_contain_text("60000 rows sent")
    assert max(sizes) > 1024 * 1024

    frame.locator("input[type=file]").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )

    expect(frame.locator("body")).to_contain_text("a.csv has 8 bytes")
    expect(frame.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()


@pytest.fixture(scope="module")
def fox() -> Iterator[Firefox]:
    path = firefox()
    assert path is not None
    with running_firefox(path) as started:
        yield started


def opened_in(fox: Firefox, platform: Platform, path: str) -> None:
    """Sign in and open the conversation."""
    fox.goto(sign_in_link(platform, platform.site))
    fox.run("() => document.querySelector('form:has([name=token])').submit()")
    until(lambda: re.search(r"/new/|/c/", fox.url()), fox.url)
    fox.goto(f"{platform.site}{path}")


def framed_in(fox: Firefox, function: str, *arguments: object) -> object:
    """What a function returns in the preview's frame; None while it is between two pages."""
    frames = [frame for frame, url in fox.frames().items() if "//3000-" in url]
    try:
        return fox.run(function, *arguments, frame=frames[0]) if frames else None
    except BidiError:
        return None


# True once the page has the form: then it is filled in and sent.
FILLED = """(...given) => {
    const fields = given.map((pair) => [document.querySelector(pair[0]), pair[1]]);
    if (document.readyState !== "complete" || fields.some(([field]) => !field)) return false;
    for (const [field, value] of fields) field.value = value;
    fields[0][0].form.requestSubmit(fields[0][0].form.querySelector("[name=_save]"));
    return true;
}"""
TEXT = "(selector) => document.querySelector(selector)?.innerText"


@needs_firefox
def test_a_session_of_flask_lasts_in_firefox(platform: Platform, fox: Firefox, flask: str) -> None:
    opened_in(fox, platform, flask)

    until(lambda: framed_in(fox, FILLED, ("input", "Ada")))

    until(lambda: framed_in(fox, TEXT, "#who") == "Ada")
    assert "You were logged in" in str(framed_in(fox, TEXT, "#said"))


@needs_firefox
def test_the_admin_of_django_lets_in_and_shows_its_messages_in_firefox(
    platform: Platform, fox: Firefox, django: str
) -> None:
    opened_in(fox, platform, django)
    until(lambda: "worked successfully" in str(framed_in(fox, TEXT, "body")))
    framed_in(fox, "() => { location.href = '/admin/auth/group/add/' }")

    until(lambda: framed_in(fox, FILLED, ("#id_username", "ada"), ("#id_password", "secret")))
    until(lambda: framed_in(fox, FILLED, ("#id_name", "Painters in Firefox")))

    said = until(lambda: framed_in(fox, TEXT, ".messagelist .success"))
    assert "was added successfully" in str(said)
