#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
browser.py PAGE PICTURES - print how headless chromium shows a page of matrix --html

Prints a line for each fact, and writes PICTURES-light.png and so on for people.  The program
asks chromium by its DevTools protocol over a pipe, and does not wait for a fixed time.

Exit status: 0 if the browser answered, with any facts; 1 with a message otherwise.
"""

import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile

# Seconds for an answer, after which the browser is taken to hang
LIMIT = 120
# Width and height of the window, colour scheme and medium for each picture
PICTURES = {
    "light": (1280, 1000, "light", ""),
    "dark": (1280, 1000, "dark", ""),
    "narrow": (420, 900, "light", ""),
    "print": (900, 1200, "light", "print"),
}
# Presses of the key Tab that are enough to reach a reason
TABS = 200


class Browser:
    """A browser with one page"""

    def __init__(self, profile):
        self.number = 0
        self.buffer = b""
        self.events = []
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        # The shell renumbers the pipes: chromium reads descriptor 3 and writes descriptor 4
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec 3<&{commands} 4>&{answers}; exec "$@"', "sh",
             "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(commands, answers), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self.call(domain + ".enable")

    def read(self):
        """Read the next message"""
        while b"\0" not in self.buffer:
            if not select.select([self.answers], [], [], LIMIT)[0]:
                sys.exit("browser.py: chromium does not answer")
            data = os.read(self.answers, 1 << 16)
            if not data:
                sys.exit("browser.py: chromium has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        """Call a method and return its result"""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                sys.exit(f"browser.py: {method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def open(self, path):
        """Load a page, and wait until it is loaded"""
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())

    def evaluate(self, expression):
        """Return the value of an expression of JavaScript, which the page's policy does not stop"""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            sys.exit(f"browser.py: {expression}: {result['exceptionDetails']['text']}")
        return result["result"].get("value")

    def look(self, width, height, scheme, medium):
        """Set the window, the colour scheme and the medium"""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=medium,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, key):
        """Press a key"""
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **text)


def print_messages(browser):
    """Print messages and dialogues of the page; a refusal by the policy is a message, too"""
    for event in browser.events:
        if event["method"] == "Log.entryAdded":
            print("message:", event["params"]["entry"]["text"])
        elif event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                                 "Page.javascriptDialogOpening"):
            print("message:", event["method"])


def print_colors(browser, scheme):
    """Print background and colour of each kind of cell"""
    for kind in ("yes", "no", "unknown"):
        print(f"{scheme} {kind}:", browser.evaluate(
            f"(cell => cell ? getComputedStyle(cell).backgroundColor + ' ' +"
            f" getComputedStyle(cell.querySelector('a') || cell).color : 'missing')"
            f"(document.querySelector('td.{kind}'))"))


def print_keyboard(browser):
    """Print the places to which the keys Tab and Enter lead"""
    for _ in range(TABS):
        browser.press("Tab")
        if browser.evaluate("!!document.activeElement.closest('td.no')"):
            break
    print("focus:", browser.evaluate("document.activeElement.textContent"))
    print("title:", browser.evaluate("document.activeElement.title"))
    browser.press("Enter")
    print("reason:", browser.evaluate(
        "(reason => reason ? reason.firstChild.textContent + reason.childNodes[1].textContent"
        " : 'missing')(document.querySelector(':target'))").strip())


def print_accessibility(browser):
    """Print the roles that a screen reader finds, and the description of a no"""
    nodes = [node for node in browser.call("Accessibility.getFullAXTree")["nodes"]
             if not node["ignored"]]
    roles = [node["role"]["value"] for node in nodes]
    for role in ("main", "navigation", "heading", "table", "columnheader", "rowheader",
                 "region"):
        print(f"role {role}:", "some" if role in roles else "missing")
    for node in nodes:
        if node["role"]["value"] == "link" and node["name"]["value"] == "no":
            print("description:", node.get("description", {}).get("value", "missing"))
            break


def main():
    """Look at the page of the command line"""
    page, pictures = sys.argv[1:]
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        browser.open(page)
        for name, window in PICTURES.items():
            browser.look(*window)
            picture = browser.call("Page.captureScreenshot", format="png")["data"]
            pathlib.Path(f"{pictures}-{name}.png").write_bytes(base64.b64decode(picture))
            if name in ("light", "dark"):
                print_colors(browser, name)
            # A table scrolls in a window, but not on paper
            if name != "print":
                print(f"{name} is as wide as the window:", browser.evaluate(
                    "document.documentElement.scrollWidth <= window.innerWidth"))
        browser.look(*PICTURES["light"])
        print_keyboard(browser)
        print_accessibility(browser)
        print_messages(browser)
        browser.session = None
        browser.call("Browser.close")
        browser.process.wait(LIMIT)


if __name__ == "__main__":
    main()
