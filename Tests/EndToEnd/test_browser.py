"""The pages in a browser: driven as by a person, and judged by axe-core as for a person who does not see them."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from servers import pypi
from servers.browser import chromium
from servers.waiting import free_port, wait_until
from smtpwatch import Monitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(lab, postfix, authority):
    """A monitor of one target that works, one that fails and one that is next probed in an hour."""
    directory = lab / "browser"
    directory.mkdir()
    module = {"timeout": "20s", "diagnosis": "passive", "tls": {"mode": "starttls", "ca_file": str(authority.certificate)}}
    targets = [
        {"name": "good", "host": "127.0.0.1", "port": postfix.submission, "interval": "2s", "group": "own"},
        {"name": 'gone "<b>', "host": "127.0.0.1", "port": free_port(), "interval": "2s", "group": "partners"},
        {"name": "seldom", "host": "127.0.0.1", "port": postfix.submission, "interval": "24h"}]
    configuration = {"modules": {"m": module}, "targets": [{**target, "module": "m"} for target in targets]}
    with Monitor(directory, "--web.enable-lifecycle", configuration=configuration) as running:
        running.wait_for("good", "up", "ok")
        wait_until(lambda: running.api("summary")["counts"]["down"] == 1, "the failing target")
        yield running


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = chromium(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def visit(site, browser):
    """Opens a path of the site."""
    def run(path):
        browser.get(f"http://127.0.0.1:{site.port}{path}")
        return browser
    return run


@pytest.fixture(scope="module")
def axe():
    """The script of axe-core."""
    [script] = Path(pypi.environment("axe-core-python==0.1.0")).rglob("axe.min.js")
    return script.read_text()


def text_of(browser, selector):
    """What is shown there, read at one moment: a refresh may replace it at the next."""
    return browser.execute_script("return document.querySelector(arguments[0]).innerText.trim()", selector)


def test_a_filter_narrows_the_page_and_its_address(visit):
    browser = visit("/")
    assert text_of(browser, "h1") == "1 of 3 failing" and browser.title.startswith("1 of 3 failing")
    browser.find_element(By.NAME, "q").send_keys("goo")
    Select(browser.find_element(By.NAME, "state")).select_by_value("up")
    browser.find_element(By.CSS_SELECTOR, "form.narrow button").click()
    wait_until(lambda: "q=goo" in browser.current_url and "state=up" in browser.current_url, "the address")
    wait_until(lambda: browser.execute_script("return document.readyState") == "complete", "the page")
    assert text_of(browser, "tbody th a") == "good"
    assert not browser.find_elements(By.CSS_SELECTOR, "article")
    browser.find_element(By.LINK_TEXT, "Show all").click()
    wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, "article"), "the whole page")


def test_a_pause_stops_the_refresh_and_stays_in_the_address(visit):
    browser = visit("/?refresh=5")
    moment = text_of(browser, "#moment")
    wait_until(lambda: text_of(browser, "#moment") != moment, "a refresh")
    browser.find_element(By.ID, "pause").click()
    assert text_of(browser, "#pause") == "resume" and text_of(browser, "#every") == "paused"
    assert "refresh=0" in browser.current_url
    assert browser.execute_script("return document.body.dataset.refresh") == "5"
    browser.find_element(By.ID, "pause").click()
    assert text_of(browser, "#pause") == "pause" and "refresh=5" in browser.current_url


def test_a_refresh_keeps_the_focus_and_the_scroll(visit):
    browser = visit("/targets/good?refresh=5")
    browser.execute_script(
        "window.scrollTo(0, 300); document.querySelector('main details summary').focus({preventScroll: true})")
    before = browser.execute_script("return [scrollY, document.activeElement.tagName]")
    moment = text_of(browser, "#moment")
    wait_until(lambda: text_of(browser, "#moment") != moment, "a refresh")
    assert browser.execute_script("return document.activeElement.tagName") in ("SUMMARY", "BODY")
    assert abs(browser.execute_script("return scrollY") - before[0]) < 40


def test_the_button_probes_now_but_not_again_at_once(visit, site):
    browser = visit("/targets/seldom")
    before = site.metric("smtp_probe_runs_total", target="seldom")

    def press():
        """Presses the button where it can be."""
        browser.execute_script("document.querySelector('form.probe button:enabled')?.click()")

    def heeded():
        press()
        return site.metric("smtpwatch_http_requests_total", handler="probe_now", code="303")

    # The schedule may just have made its first probe: then the button asks for patience, and works later.
    wait_until(heeded, "a press that is heeded")
    wait_until(lambda: site.metric("smtp_probe_runs_total", target="seldom") > before, "the probe")
    wait_until(lambda: text_of(browser, "main .state") == "Up", "the result on the page")

    # Beside the button the words go with the next refresh; what is read out stays. A press that came late is heeded, and
    # the one after it too soon.
    def told_to_wait():
        press()
        return "Wait a few seconds" in browser.execute_script("return document.getElementById('news').textContent")
    wait_until(told_to_wait, "a press too soon, and the reason read out")


def test_an_event_refreshes_an_open_page_at_once(visit, site):
    browser = visit("/?refresh=3600")
    assert text_of(browser, "h1") == "1 of 3 failing"
    configuration = site.configuration.read_text()
    try:
        # The working target is moved to a port where nobody is: its next probe changes its state.
        port = configuration.index('"port": ')
        end = configuration.index(",", port)
        site.configure(configuration[:port] + f'"port": {free_port()}' + configuration[end:])
        assert site.get("/-/reload", "POST")[0] == 200
        wait_until(lambda: text_of(browser, "h1") == "2 of 3 failing", "the event on the page")
    finally:
        site.configure(configuration)
        site.get("/-/reload", "POST")
        site.wait_for("good", "up", "ok")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/targets/good", "/targets/gone%20%22%3Cb%3E", "/runbooks/auth_rejected"])
def test_axe_finds_no_fault(visit, axe, path, scheme):
    browser = visit(path)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run().then(done, error => done({error: `${error}`}))")
    assert "error" not in found, found
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]] == []
    assert len(found["passes"]) > 10


def test_the_policy_lets_every_page_have_its_style_and_script(visit):
    browser = visit("/")
    assert browser.execute_script("return getComputedStyle(document.body).maxWidth") != "none"
    wait_until(lambda: "updated" in text_of(browser, "#age"), "the script")
    assert [entry for entry in browser.get_log("browser") if "Content Security Policy" in entry["message"]] == []
