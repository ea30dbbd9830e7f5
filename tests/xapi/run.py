#!/usr/bin/env python3
"""An xAPI client that we did not write (tincan, of Rustici Software) against a server of its own: the demo, on a throwaway
database and a free port.

    target/tools/xapi/bin/python tests/xapi/run.py

It saves one statement and many, again and otherwise, asks for them, and takes one back; and then the API says that
somebody is certified. At the end it fails, in the words of the server's problem, where the secret is wrong: a program that
cannot fail shows nothing.
"""

import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

from tincan import (
    Activity,
    Agent,
    Context,
    Extensions,
    LanguageMap,
    RemoteLRS,
    Result,
    Score,
    Statement,
    StatementRef,
    Verb,
)

HERE = pathlib.Path(__file__).resolve().parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target")
COURSE = "https://lms.demo.example/courses/platform-basics"
EXAM = "https://lms.demo.example/exams/platform"
LEARNER = "grace@northwind.example"
PROCTORED = "https://lms.demo.example/extensions/proctored"


def start(folder, password):
    """The server, and where it listens."""
    command = [TARGET / "debug" / "entente", "serve", "--demo", "--listen", "127.0.0.1:0"]
    command += ["--database-url", f"{folder}/entente.db"]
    log = (folder / "server.log").open("w")
    environment = os.environ | {"ENTENTE_DEMO_PASSWORD": password}
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.PIPE, text=True)
    heard = []
    for line in server.stderr:
        heard.append(line)
        if found := re.search(r"listening on (http://\S+)", line):
            return server, found[1]
    sys.exit("".join(heard) + "xapi: the server did not start")


class Api:
    """The vendor's administrator."""

    def __init__(self, url, password):
        self.url, self.token = url, None
        form = {"grant_type": "password", "username": "admin@demo.example", "password": password}
        self.token = self.ask("/oauth/token", urllib.parse.urlencode(form).encode())["access_token"]

    def ask(self, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=30) as answer:
            return json.load(answer)


def of(verb, activity, **more):
    """A statement about the learner."""
    return Statement(
        id=str(uuid.uuid4()),
        actor=Agent(name="Grace", mbox=f"mailto:{LEARNER}"),
        verb=Verb(id=f"http://adlnet.gov/expapi/verbs/{verb}", display=LanguageMap({"en-US": verb})),
        object=Activity(id=activity),
        timestamp=datetime.now(timezone.utc) - timedelta(hours=1),
        **more,
    )


def say(step, what):
    print(f"xapi: {step:<9} {what}", flush=True)


def good(answer):
    """The content of an answer that did what was asked."""
    assert answer.success, f"{answer.response.status} {answer.data}"
    assert answer.response.getheader("X-Experience-API-Version") == "1.0.3"
    assert answer.response.getheader("X-Experience-API-Consistent-Through")
    return answer.content


def refused(answer, status, code):
    """The words of a problem."""
    problem = json.loads(answer.data)
    assert not answer.success, "it was not refused"
    assert (answer.response.status, problem["code"]) == (status, code), answer.data
    return problem["detail"]


def walk(lrs):
    """Everything that a learning system does; the ids of its statements."""
    one = of("initialized", COURSE)
    good(lrs.save_statement(one))
    nameless = of("experienced", COURSE)
    nameless.id = None
    made = good(lrs.save_statement(nameless)).id
    say("one", f"{one.id}, and {made} by an id of the server's")

    watched = Context(extensions=Extensions({PROCTORED: True}))
    many = [
        of("completed", COURSE, result=Result(completion=True, duration=timedelta(hours=3))),
        of("passed", EXAM, result=Result(success=True, score=Score(scaled=0.92)), context=watched),
        of("answered", "https://lms.demo.example/questions/1"),
    ]
    sent = [statement.id for statement in good(lrs.save_statements(many))]
    say("many", f"{len(sent)} statements")

    good(lrs.save_statement(one))
    assert [statement.id for statement in good(lrs.save_statements(many))] == sent
    say("again", "the same once more changes nothing")

    other = of("failed", EXAM)
    other.id = one.id
    say("conflict", refused(lrs.save_statement(other), 409, "already_exists"))

    back = good(lrs.retrieve_statement(sent[1]))
    assert back.result.score.scaled == 0.92 and back.verb.display["en-US"] == "passed"
    assert back.stored and back.authority.account.name.startswith("client_"), "the server says who has sent it"
    by = lambda **query: [statement.id for statement in good(lrs.query_statements(query)).statements]
    learner = Agent(mbox=f"mailto:{LEARNER}")
    assert by(agent=learner) == [*reversed(sent), made, one.id]
    assert by(agent=learner, verb=Verb(id="http://adlnet.gov/expapi/verbs/passed")) == [sent[1]]
    assert by(activity=Activity(id=COURSE), ascending="true") == [one.id, made, sent[0]]
    first = good(lrs.query_statements({"agent": learner, "limit": 2}))
    second = good(lrs.more_statements(first))
    assert [one.id for one in [*first.statements, *second.statements]] == by(agent=learner, limit=4)
    say("queries", "by id, agent, verb, activity, page by page")

    void = of("voided", COURSE)
    void.object = StatementRef(id=sent[2])
    good(lrs.save_statement(void))
    assert lrs.retrieve_statement(sent[2]).response.status == 404
    assert good(lrs.retrieve_voided_statement(sent[2])).id == sent[2]
    assert sent[2] not in by(agent=learner) and void.id in by(agent=learner)
    say("voided", sent[2])


def run(folder):
    password = secrets.token_urlsafe()
    server, url = start(folder, password)
    try:
        api = Api(url, password)
        partner = api.ask("/v1/partners?limit=1")["data"][0]["id"]
        learner = api.ask("/v1/people", {"name": "Grace", "email": LEARNER, "partner_id": partner})["id"]
        scopes = ["training:read", "training:report"]
        client = api.ask("/v1/api-clients", {"name": "An LMS", "scopes": scopes})
        lrs = RemoteLRS(endpoint=f"{url}/xapi/", username=client["client_id"], password=client["client_secret"])
        walk(lrs)
        held = api.ask(f"/v1/credentials?person_id={learner}")["data"]
        assert [(one["certification"], one["status"]) for one in held] == [("technical", "valid")], held
        say("certified", f"{LEARNER} is certified: {held[0]['certification']} until {held[0]['valid_to']}")
        wrong = RemoteLRS(endpoint=f"{url}/xapi/", username=client["client_id"], password="a guess")
        say("refused", refused(wrong.save_statement(of("passed", EXAM)), 401, "invalid_token"))
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        run(pathlib.Path(place))
