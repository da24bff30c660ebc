"""The page in a browser: from a file to its verdict, by mouse and by keyboard."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.helpers.page_server import Client

pytest.importorskip(
    "selenium", reason="selenium is not installed: pip install 'avdf[dev]'"
)

from selenium.webdriver import ActionChains, Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

FRAME = 0.04  # seconds
PATIENCE = 60.0
# These tests and those of `test_scoring.py` share a server that holds a detector.
pytestmark = pytest.mark.xdist_group("page")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """Chromium without a window, which notes every request."""
    program, driver = which("chromium"), which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = program
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio"):
        options.add_argument(word)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture(scope="module")
def page(browser: Chrome, scoring: Client, clip: Path) -> Chrome:
    """The page with the result of a file that was chosen on it."""
    # Other tests may have left their files in the list.
    for job in scoring.get("/jobs").json:
        scoring.ask("DELETE", f"/jobs/{job['number']}")
    browser.get(f"http://127.0.0.1:{scoring.port}/?token={scoring.token}")
    browser.find_element(By.ID, "input").send_keys(str(clip))
    wait_for(browser, "document.querySelector('article') !== null")
    wait_for(browser, "document.querySelector('video').readyState >= 2")
    return browser


def wait_for(browser: Chrome, condition: str) -> None:
    """Wait until a condition of JavaScript holds."""
    end = time.monotonic() + PATIENCE
    while not browser.execute_script(f"return {condition}"):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def current_time(page: Chrome) -> float:
    """Where the player is, in seconds, when it has arrived there."""
    wait_for(page, "!document.querySelector('video').seeking")
    return float(
        page.execute_script("return document.querySelector('video').currentTime")
    )


def log(page: Chrome, kind: str) -> list[dict[str, Any]]:
    """What the browser has noted, since the last look."""
    entries: list[dict[str, Any]] = page.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


def slider(page: Chrome) -> WebElement:
    """What is laid over the timelines."""
    return page.find_element(By.CSS_SELECTOR, "[role=slider]")


def test_the_page_shows_the_verdict_of_the_command_line(
    page: Chrome, command_row: dict[str, Any]
) -> None:
    assert page.find_element(By.CSS_SELECTOR, "article h2").text == (
        command_row["verdict"].capitalize()
    )
    words = page.find_element(By.CSS_SELECTOR, ".lines").text
    for name in ("video", "visual", "audio"):
        assert f"P(fake) {command_row[f'p_{name}']:.3f}" in words


@pytest.mark.parametrize("share", [0.1, 0.5, 0.83])
def test_a_click_on_a_timeline_moves_the_player_there(
    page: Chrome, share: float
) -> None:
    area = slider(page)
    size = area.size
    # From the middle of the element, as the driver counts.
    across = round((share - 0.5) * size["width"])
    down = round(0.2 * size["height"])
    ActionChains(page).move_to_element_with_offset(area, across, down).click().perform()
    end = float(area.get_attribute("aria-valuemax") or 0)
    assert end == pytest.approx(1.6, abs=0.1)
    assert current_time(page) == pytest.approx(share * end, abs=FRAME)


def test_keys_move_by_frames_and_play(page: Chrome) -> None:
    area = slider(page)
    area.send_keys(Keys.HOME)
    assert current_time(page) == pytest.approx(0.0, abs=0.002)
    area.send_keys(Keys.ARROW_RIGHT * 3)
    assert current_time(page) == pytest.approx(3 * FRAME, abs=0.002)
    area.send_keys(Keys.ARROW_LEFT)
    assert current_time(page) == pytest.approx(2 * FRAME, abs=0.002)
    area.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT)
    assert current_time(page) == pytest.approx(1 + 2 * FRAME, abs=0.002)
    assert (area.get_attribute("aria-valuetext") or "").startswith(
        "Time 1.08 s, P(fake)"
    )
    area.send_keys(Keys.END)
    assert current_time(page) == pytest.approx(1.6, abs=2 * FRAME)
    area.send_keys(Keys.HOME)
    area.send_keys(Keys.SPACE)
    wait_for(page, "document.querySelector('video').currentTime > 0.1")
    area.send_keys(Keys.ENTER)
    wait_for(page, "document.querySelector('video').paused")


def test_everything_is_reached_by_the_tab_key_and_shows_the_focus(page: Chrome) -> None:
    page.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
    reached = []
    for _ in range(20):
        ActionChains(page).send_keys(Keys.TAB).perform()
        focused = page.switch_to.active_element
        # Behind the last element the browser begins anew.
        if focused.tag_name == "body":
            continue
        name = focused.get_attribute("role") or focused.text.split("\n")[0]
        # The browser's own controls are in the player.
        if focused.tag_name != "video":
            assert focused.value_of_css_property("outline-style") != "none", name
        reached.append(name)
        if name == "slider":
            break
    wanted = ["Choose files", "p4_rtvc.mp4", "Remove", "slider"]
    assert [name for name in reached if name in wanted] == wanted


def test_a_narrow_window_needs_no_scrolling_sideways(page: Chrome) -> None:
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wide = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 360


def test_a_name_with_markup_stays_a_name(page: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "<img src=x onerror=document.title=1>.mp4"
    path.write_bytes(b"no video")
    page.find_element(By.ID, "input").send_keys(str(path))
    wait_for(page, "document.querySelectorAll('.item.done').length === 2")
    row = page.find_elements(By.CSS_SELECTOR, ".item .open")[1]
    assert row.text == f"{path.name}\nno verdict"
    row.click()
    wait_for(page, "document.querySelector('article h2').textContent === 'No verdict'")
    assert page.find_element(By.CSS_SELECTOR, "article .name").text == path.name
    assert page.title == "avdf: is this video fake?"


def test_the_page_asked_nobody_but_this_server(page: Chrome, scoring: Client) -> None:
    logged = [
        json.loads(entry["message"])["message"] for entry in log(page, "performance")
    ]
    asked = [
        urlsplit(message["params"]["request"]["url"])
        for message in logged
        if message["method"] == "Network.requestWillBeSent"
    ]
    # The browser draws its controls of the player from `data:` addresses, which ask nobody.
    sent = [url for url in asked if url.scheme != "data"]
    assert len(sent) > 10
    own = ("http", f"127.0.0.1:{scoring.port}")
    assert {(url.scheme, url.netloc) for url in sent} == {own}
    # Nothing on the page breaks its own policy, and no script fails.
    assert log(page, "browser") == []
    assert "token" not in page.current_url
