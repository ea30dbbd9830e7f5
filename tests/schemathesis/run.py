#!/usr/bin/env python3
"""Runs Schemathesis against the real server, on SQLite and on PostgreSQL.

    tests/with-postgres python3 tests/schemathesis/run.py --seconds 150 --seed 1

For each database: a server with the demo on a free port, all checks, each phase with its share of the time, and a line of
what was done. A phase that tests nothing is a failure: a budget that is too small must not look like a success. Reports and the server's log are kept in the folder `conformance` beside what cargo builds.
"""

import argparse
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target")
PASSWORD = "partner-program-demo"
# Percent of the time of each phase: the examples of the document, the boundaries of each schema, random data, chains of
# operations.
PHASES = {"examples": 10, "coverage": 40, "fuzzing": 25, "stateful": 25}
# What must not slow the tool down: limits have tests of their own.
SETTINGS = {
    "ENTENTE_DEMO": "true",
    "ENTENTE_DEMO_PASSWORD": PASSWORD,
    "ENTENTE_SANDBOX": "true",
    "ENTENTE_CALLER_RATE": "0",
    "ENTENTE_CHECK_RATE": "0",
    "ENTENTE_PARTNER_CHECK_RATE": "0",
    "ENTENTE_TOKEN_RATE": "0",
    "ENTENTE_APPLICATION_RATE": "0",
    "ENTENTE_APPLICATION_DIFFICULTY": "0",
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def post(url, body):
    data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.load(answer)


class Server:
    """The server on an empty database of this kind, with the demo."""

    def __init__(self, kind, folder):
        self.url, self.log = f"http://127.0.0.1:{free_port()}", (folder / f"server-{kind}.log").open("w")
        database = database_url(kind, folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ENTENTE_")}
        command = [TARGET / "debug" / "entente", "serve", "--listen", self.url.removeprefix("http://")]
        self.process = subprocess.Popen(
            [*command, "--database-url", database], env=environment | SETTINGS, stdout=self.log, stderr=self.log
        )

    def ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                sys.exit(f"conformance: the server has ended: see {self.log.name}")
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        sys.exit(f"conformance: the server is not ready after two minutes: see {self.log.name}")

    def status_token(self):
        """The token of an application, by which whoever has no account sees it."""
        with urllib.request.urlopen(f"{self.url}/openapi.json", timeout=30) as answer:
            document = json.load(answer)
        new = document["components"]["schemas"]["NewApplication"]["example"]
        # A company has one open application: that of another phase may still be.
        new["company"]["domain"] = f"phase-{uuid.uuid4().hex}.example"
        return post(f"{self.url}/v1/applications", new)["status_token"]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def database_url(kind, folder):
    if kind == "sqlite":
        return tempfile.mkdtemp(dir=folder) + "/entente.db"
    server = os.environ.get("ENTENTE_TEST_POSTGRES") or sys.exit("conformance: run it under tests/with-postgres")
    name = f"conformance_{os.getpid()}"
    psql = pathlib.Path(os.environ["ENTENTE_TEST_PGBIN"]) / "psql"
    subprocess.run([psql, server, "-qc", f"CREATE DATABASE {name}"], check=True)
    return server.rsplit("/", 1)[0] + "/" + name


def checked(server, kind, phase, seconds, seed, folder):
    """One phase: whether it holds, said in a line."""
    report = folder / f"{kind}-{phase}.ndjson"
    environment = os.environ | {"ENTENTE_DEMO_PASSWORD": PASSWORD, "ENTENTE_STATUS_TOKEN": server.status_token()}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", f"{server.url}/openapi.json", "--phases", phase, "--max-time", str(seconds), "--seed", str(seed)]
    command += ["--no-color", "--report", "ndjson", "--report-ndjson-path", report]
    done = subprocess.run(command, env=environment, cwd=HERE, stdout=subprocess.PIPE, text=True)
    operations, cases, failures = counted(report)
    holds = done.returncode == 0 and cases > 0 and failures == 0
    if not holds:
        print(done.stdout)
    ended = "" if holds else ": FAILED"
    print(f"conformance: {kind}: {phase}: {operations} operations, {cases} cases, {failures} failures{ended}", flush=True)
    return holds


def counted(report):
    """How many operations were tested, with how many cases, and how many checks of them failed."""
    operations, cases, failures = set(), 0, 0
    with report.open(encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    for recorder in [event["ScenarioFinished"]["recorder"] for event in events if "ScenarioFinished" in event]:
        of_scenario = recorder.get("cases", {}).values()
        cases += len(of_scenario)
        # A scenario of one operation is called by it; a chain of them names each.
        single = {recorder["label"]} if " /" in recorder["label"] and of_scenario else set()
        operations |= single or {f"{case['value']['method']} {case['value']['path']}" for case in of_scenario}
        checks = [check for of_case in recorder.get("checks", {}).values() for check in of_case]
        failures += sum(check["status"] == "failure" for check in checks)
    return len(operations), cases, failures


def run(kind, seconds, seed, folder):
    server = Server(kind, folder)
    try:
        server.ready()
        held = [checked(server, kind, phase, seconds * share // 100, seed, folder) for phase, share in PHASES.items()]
    finally:
        server.stop()
    return all(held)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, required=True, help="for each database")
    parser.add_argument("--seed", type=int, help="by default one that is drawn")
    parser.add_argument("--database", choices=("sqlite", "postgres"), action="append", help="by default both")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if given.seed is None else given.seed
    folder = TARGET / "conformance"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"conformance: {given.seconds} s on each database, seed {seed}; reports in {folder}", flush=True)
    kinds = given.database or ["sqlite", "postgres"]
    sys.exit(0 if all([run(kind, given.seconds, seed, folder) for kind in kinds]) else 1)


if __name__ == "__main__":
    main()
