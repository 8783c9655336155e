"""Buyers with a real browser: Chromium, by its driver. Standard library alone.

On standard input stands a list of walks through the hosted checkout, each with the page it begins
at, how it is paid, and where it must end. A test of the server, browser.rs, starts it.

  ORDERD_TEST_PICTURES=FOLDER   keeps a picture of each page
  ORDERD_TEST_AXE=FILE          looks for what keeps people out, by axe.min.js of npm's axe-core
"""

import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

JANE = {
    "contact.email": "jane@example.com",
    "shipping_address.name": "Jane Doe",
    "shipping_address.address": "Storgata 1",
    "shipping_address.zip": "0155",
    "shipping_address.city": "Oslo",
}


def call(method, url, body=None):
    request = urllib.request.Request(url, method=method)
    request.add_header("Content-Type", "application/json")
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Browser:
    """A session of the WebDriver protocol."""

    def __init__(self, driver, width, height):
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        options = {"args": arguments, "binary": "/usr/bin/chromium"}
        metrics = {"width": width, "height": height, "pixelRatio": 1.0}
        options["mobileEmulation"] = {"deviceMetrics": metrics}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        made = call("POST", driver + "/session", {"capabilities": capabilities})["value"]
        self.url = f"{driver}/session/{made['sessionId']}"

    def ask(self, method, path, body=None):
        return call(method, self.url + path, body)["value"]

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    def where(self):
        return self.ask("GET", "/url")

    def text(self):
        return self.ask("GET", f"/element/{self.find('body')}/text")

    def find(self, css):
        found = self.ask("POST", "/element", {"using": "css selector", "value": css})
        return next(iter(found.values()))

    def click(self, css):
        self.ask("POST", f"/element/{self.find(css)}/click", {})

    def write(self, name, text):
        css = f'[name="{name}"]'
        self.ask("POST", f"/element/{self.find(css)}/value", {"text": text})

    def shows(self, text="", address=""):
        """A click does not wait for the page that it leads to."""
        for _ in range(150):
            try:
                if address in self.where() and text in self.text():
                    return
            except urllib.error.HTTPError:
                pass  # It is between two pages.
            time.sleep(0.1)
        raise AssertionError(f"{address} {text}: it is {self.where()}: {self.text()}")

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def look_through(self, axe):
        """What keeps people out of a page, by axe-core. Without scripts a page that waits can only
        look again by itself."""
        self.run(axe + "; window.axe = axe;")
        rules = "{rules: {'meta-refresh': {enabled: false}}}"
        script = f"const done = arguments[0]; axe.run({rules}).then(it => done(it.violations));"
        return self.ask("POST", "/execute/async", {"script": script, "args": []})

    def end(self):
        self.ask("DELETE", "")


class Walk:
    """One buyer's way, with a look at every page."""

    def __init__(self, browser, name, axe, folder):
        self.browser, self.name = browser, name
        self.axe, self.folder, self.pages = axe, folder, 0

    def look(self):
        self.pages += 1
        if self.folder:
            picture = base64.b64decode(self.browser.ask("GET", "/screenshot"))
            path = os.path.join(self.folder, f"{self.name}-{self.pages}.png")
            with open(path, "wb") as file:
                file.write(picture)
        wide = self.browser.run(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{self.name}: {self.browser.where()} is {wide} too wide"
        if self.axe:
            found = self.browser.look_through(self.axe)
            told = [(it["id"], [node["html"] for node in it["nodes"]]) for it in found]
            assert not told, f"{self.name}: {self.browser.where()}: {told}"

    def buy(self, checkout, method, thanks):
        browser = self.browser
        browser.go(checkout)
        self.look()
        browser.click("form .button")
        browser.shows("this is needed")
        self.look()
        browser.click(".faults a")
        for name, text in JANE.items():
            browser.write(name, text)
        browser.click("form .button")
        browser.shows(address="/checkout/delivery")
        self.look()
        browser.click("form .button")
        browser.shows(address="/checkout/payment")
        self.look()
        browser.click(f'input[value="{method}"]')
        browser.click("form .button")
        if method == "credit_card":
            browser.shows("No money moves")
            self.look()
            pay = browser.where()
            browser.click('button[value="process"]')
            browser.shows("being processed")
            self.look()
            browser.go(pay)
            browser.click('button[value="pay"]')
        browser.shows("Thanks", thanks)
        return urllib.parse.parse_qs(urllib.parse.urlsplit(browser.where()).query)


def drive(walks, pictures, axe, driver):
    for it in walks:
        browser = Browser(driver, it["width"], it["height"])
        try:
            walk = Walk(browser, it["name"], axe, pictures)
            query = walk.buy(it["checkout"], it["method"], it["thanks"])
        finally:
            browser.end()
        assert query == {"from": ["orderd"], "orderId": [it["order"]]}, f"{it['name']}: {query}"
        print(f"{it['name']}: bought, order {it['order']}", flush=True)


def axe_and_pictures():
    """What looks through pages, and the folder for their pictures, where they are wanted."""
    pictures = os.environ.get("ORDERD_TEST_PICTURES")
    axe = None
    if os.environ.get("ORDERD_TEST_AXE"):
        with open(os.environ["ORDERD_TEST_AXE"], encoding="utf-8") as file:
            axe = file.read()
    if pictures:
        os.makedirs(pictures, exist_ok=True)
    return axe, pictures


def with_driver(act):
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
    try:
        port = None
        for line in driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                port = found.group(1)
                break
        assert port, "the driver does not start"
        act(f"http://127.0.0.1:{port}")
    finally:
        driver.terminate()
        driver.wait(30)


def main():
    walks = json.load(sys.stdin)
    axe, pictures = axe_and_pictures()
    with_driver(lambda driver: drive(walks, pictures, axe, driver))


if __name__ == "__main__":
    main()
