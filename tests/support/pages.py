"""Pages as a browser without scripts meets them: links are followed, forms are sent as they stand."""

import html
import re

from tests.support.office import EMPLOYEE
from tests.support.world import PASSWORD

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


class Browser:
    """Follows links and sends forms as they stand in the page."""

    def __init__(self, office):
        self.office, self.page = office, ""

    def go(self, path, **more):
        answer = self.office.get(path, headers=BROWSER | more.pop("headers", {}), follow_redirects=False, **more)
        self.page = answer.text
        return answer

    def forms(self, action):
        """Fields of each form with that action: a dictionary of names and values."""
        found = []
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.page, re.DOTALL):
            if f'action="{action}"' in attributes:
                inputs = re.findall(r"<input([^>]*)>", inside)
                fields = {}
                for each in inputs:
                    given = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', each)}
                    if given.get("type") == "radio" and "checked" not in each:
                        continue
                    if "name" in given:
                        fields[given["name"]] = given.get("value", "")
                found.append(fields)
        return found

    def send(self, action, n=0, headers=(), **changes):
        """The ``n``-th form of the page with that action, with what is given in place of its own."""
        fields = self.forms(action)[n] | {name: value for name, value in changes.items() if value is not None}
        answer = self.office.post(action, data=fields, headers=BROWSER | dict(headers), follow_redirects=False)
        self.page = answer.text
        return answer

    def follow(self, answer):
        assert answer.status_code == 303, answer.text[:500]
        return self.go(answer.headers["location"])

    @property
    def text(self):
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", self.page)))


def sign_in(browser, email=EMPLOYEE, password=PASSWORD, path="/masuk"):
    browser.go(path)
    return browser.send("/masuk", email=email, password=password)
