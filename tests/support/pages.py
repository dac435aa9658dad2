"""Pages as a browser without scripts meets them: links are followed, forms are sent as they stand."""

import html
import re
from functools import cache

from tests.support.office import EMPLOYEE
from tests.support.world import PASSWORD

ANY = "/{path:path}"
"""The route of addresses that are nobody's."""
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@cache
def _form(path):
    """The addresses of a route such as /pesanan/{booking_id:int}/{verb:str}."""
    return re.compile(re.sub(r"\{\w+:(\w+)\}", lambda found: r"\d+" if found[1] == "int" else "[^/]+", path) + "/?")


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
        for back in set(re.findall(r'name="next" value="([^"]*)"', self.page)):
            path = html.unescape(back).partition("?")[0]
            assert self._can_be_read(path), f"{action} answers with a page that leads back to {path}"
        return answer

    def _can_be_read(self, path):
        """Whether there is a page there; not only something that takes forms."""
        return any(
            "GET" in route.methods and route.path != ANY and _form(route.path).fullmatch(path)
            for route in self.office.client.app.routes
        )

    def follow(self, answer):
        assert answer.status_code == 303, answer.text[:500]
        return self.go(answer.headers["location"])

    @property
    def text(self):
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", self.page)))


def sign_in(browser, email=EMPLOYEE, password=PASSWORD, path="/masuk"):
    browser.go(path)
    return browser.send("/masuk", email=email, password=password)
