"""The real server, on a database that goes when it does, and an academy in it."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ADMIN = ("admin@vendor.example", "a password for tests")
ACADEMY = {
    "name": "Northwind Academy",
    "time_zone": "Europe/Berlin",
    "courses": {"basics": {"name": "Platform basics"}, "pitch": {"name": "The pitch"}},
    "certifications": {
        "technical": {"name": "Technical professional", "requires": "basics", "valid_months": 24},
        "sales": {"name": "Sales <& more>", "requires": {"any": ["pitch", "basics"]}},
    },
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """Asks without a token what anybody may ask, and as the administrator what lies under /v1."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="entente-badges-")
        self.program, self.database = program, pathlib.Path(self.folder.name) / "entente.db"
        self.url = f"http://127.0.0.1:{free_port()}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
        environment |= {"ENTENTE_ADMIN_EMAIL": ADMIN[0], "ENTENTE_ADMIN_PASSWORD": ADMIN[1], "ENTENTE_SWEEP_SECONDS": "1"}
        command = [program, "serve", "--listen", self.url.removeprefix("http://"), "--database-url", self.database]
        self.log = (pathlib.Path(self.folder.name) / "log").open("w")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
        self.token = None

    def furnish(self):
        """The academy and a partner, when it is ready."""
        self.wait()
        form = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
        self.token = json.loads(self.ask("/oauth/token", urllib.parse.urlencode(form).encode(), form=True))["access_token"]
        self.post("/v1/training-catalogue/versions", ACADEMY)
        partner = {"name": "Northwind", "domain": "northwind.example", "country": "DE"}
        self.partner = self.post("/v1/partners", partner)["id"]

    def wait(self):
        for _ in range(300):
            if self.process.poll() is None:
                try:
                    return self.ask("/readyz")
                except (urllib.error.URLError, OSError):
                    time.sleep(0.2)
        raise SystemExit(f"badges: the server did not start: {pathlib.Path(self.log.name).read_text()}")

    def ask(self, path, body=None, form=False, accept="application/json"):
        """The bytes of an answer."""
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {"Accept": accept} | ({"Content-Type": kind} if body is not None else {})
        if self.token and path.startswith("/v1/"):
            headers["Authorization"] = f"Bearer {self.token}"
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=30) as answer:
            return answer.read()

    def post(self, path, body):
        return json.loads(self.ask(path, json.dumps(body).encode()))

    def award(self, name, course, on):
        """Somebody has completed a course on a day: the credential that they have for it last."""
        new = {"name": name, "email": f"{name.lower()}@northwind.example", "partner_id": self.partner}
        person = self.post("/v1/people", new)["id"]
        enrollment = self.post("/v1/training-enrollments", {"person_id": person, "item": course})["id"]
        self.post(f"/v1/training-enrollments/{enrollment}/complete", {"on": on})
        held = json.loads(self.ask(f"/v1/credentials?person_id={person}&certification=technical"))["data"]
        return held[0]["id"]

    def revoke(self, credential):
        self.post(f"/v1/credentials/{credential}/revoke", {"reason": "Somebody else sat it."})

    def rotate_keys(self):
        subprocess.run([self.program, "keys", "rotate", "--database-url", self.database], check=True, capture_output=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()
