"""Frameworks as their tutorials have them, in the workbench's frame: what is kept in cookies works.

Their packages come from the registry that this machine is set up for, so this is for when asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.e2e.framed import conversation, sign_in_link
from tests.fixtures.platform import Client, Platform

pytestmark = [pytest.mark.browser, pytest.mark.battery]
INSTALLED_WITHIN = 600.0

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
"""


@pytest.fixture
def page(platform: Platform, program: Client, browser: Browser) -> Iterator[Page]:
    """Signed in, opened as localhost."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(sign_in_link(platform, f"http://localhost:{platform.port}"))
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(re.compile(r"/new/|/c/"))
    yield page
    context.close()


def framed(platform: Platform, program: Client, page: Page, script: str) -> FrameLocator:
    path = conversation(platform, program, "sh", "-c", script, within=INSTALLED_WITHIN)
    page.goto(f"{platform.site}{path}")
    return page.frame_locator("#preview-frame iframe")


def test_a_session_of_flask_lasts(platform: Platform, program: Client, page: Page) -> None:
    script = f"pip install -q flask && exec python3 -c '{FLASK.replace(chr(39) * 3, chr(34) * 3)}'"
    frame = framed(platform, program, page, script)

    frame.locator("input").fill("Ada")
    frame.get_by_role("button").click()

    expect(frame.locator("#who")).to_have_text("Ada")
    expect(frame.locator("#said")).to_contain_text("You were logged in")


def test_the_admin_of_django_lets_in_and_shows_its_messages(
    platform: Platform, program: Client, page: Page
) -> None:
    frame = framed(platform, program, page, DJANGO)
    expect(frame.locator("body")).to_contain_text("The install worked successfully")
    page.locator("#preview-path").fill("/admin/auth/group/add/")
    page.locator("#preview-path").press("Enter")

    frame.locator("#id_username").fill("ada")
    frame.locator("#id_password").fill("secret")
    frame.get_by_role("button", name="Log in").click()
    frame.locator("#id_name").fill("Painters")
    frame.get_by_role("button", name="Save", exact=True).click()

    expect(frame.locator(".messagelist .success")).to_contain_text("was added successfully")


def test_streamlit_takes_a_file(platform: Platform, program: Client, page: Page) -> None:
    script = (
        f"pip install -q streamlit && printf %s '{STREAMLIT}' > app.py && exec streamlit run app.py"
        " --server.port 3000 --server.headless true --browser.gatherUsageStats false"
    )
    frame = framed(platform, program, page, script)

    frame.locator("input[type=file]").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )

    expect(frame.locator("body")).to_contain_text("a.csv has 8 bytes")
