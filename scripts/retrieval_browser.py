"""A shop's developer who tries the calls of order retrieval, with a real browser and its keyboard.

On standard input stands the page, and the secret of store 1, which has the order 1-1. A test of the
server, browser.rs, starts it. What the environment may say is told in checkout_browser.py.
"""

import json
import sys

from checkout_browser import Browser, Walk, axe_and_pictures, with_driver

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
ENTER = "\ue007"


def keys(browser, field, text):
    browser.ask("POST", f"/element/{browser.find('#' + field)}/value", {"text": text})


def try_calls(walk, page, secret):
    browser = walk.browser
    browser.go(page)
    walk.look()
    keys(browser, "call", "orderN")
    keys(browser, "secret", "wrong" + ENTER)
    browser.shows("/v1/orderNumbers: 400")
    browser.shows("Invalid security credentials")
    browser.run("document.getElementById('secret').value = ''")
    keys(browser, "secret", secret)
    browser.run("document.getElementById('body').value = ''")
    keys(browser, "body", '{"sinceOrderId": 0}')
    keys(browser, "secret", ENTER)
    browser.shows("/v1/orderNumbers: 200")
    browser.shows('"id": "1-1"')
    browser.shows("content-type: application/json")
    walk.look()
    keys(browser, "call", "orderD")
    browser.click('input[value="v2"]')
    browser.click('button[type="submit"]')
    browser.shows("/v2/orderDetail: 200")
    browser.shows('"unitPrice": 10.00')
    for language, words in [("curl", "--data-raw"), ("python", "urllib"), ("php", "curl_init")]:
        browser.click(f'#language option[value="{language}"]')
        browser.shows(words)
        browser.shows(secret)
    browser.click("#copy")
    browser.shows("opied" if browser.run("return isSecureContext") else "It is selected")
    keys(browser, "body", "x")
    browser.click('button[type="submit"]')
    browser.shows("This is not JSON")
    assert browser.run("return document.activeElement.id") == "body", "the fault is gone to"
    walk.look()
    keys(browser, "call", "orderN")
    body = browser.run("return document.getElementById('body').value")
    assert body == '{"sinceOrderId": 0}', f"what was typed is there again: {body}"
    assert browser.where() == page, "nothing stands in the address"
    places = ["localStorage", "sessionStorage", "document.cookie"]
    kept = [it for it in places if browser.run(f"return {it}.length")]
    assert not kept, f"nothing is kept: {kept}"
    browser.go(page)
    assert browser.run("return document.getElementById('secret').value") == "", "it is forgotten"


def main():
    told = json.load(sys.stdin)
    axe, pictures = axe_and_pictures()

    def drive(driver):
        for name, (width, height) in WIDTHS.items():
            browser = Browser(driver, width, height)
            try:
                walk = Walk(browser, f"retrieval-{name}", axe, pictures)
                try_calls(walk, told["page"], told["secret"])
            finally:
                browser.end()
            print(f"{name}: tried", flush=True)

    with_driver(drive)


if __name__ == "__main__":
    main()
