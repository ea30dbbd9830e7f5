#!/usr/bin/env python3
"""Runs Schemathesis against the real server, on SQLite and on PostgreSQL.

    tests/with-postgres python3 tests/schemathesis/run.py --seconds 150 --seed 1

For each database: a server with the demo on a free port, all checks, all phases, and at the end a line of what was done.
Half of the time is for what is listed (examples, boundaries of each schema), half for what is drawn (random data, chains
of operations). Reports and the server's log are kept in the folder `conformance` beside what cargo builds.
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

HERE = pathlib.Path(__file__).resolve().parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target")
PASSWORD = "partner-program-demo"
PHASES = ("examples,coverage", "fuzzing,stateful")
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
        schema = document["components"]["schemas"]["NewApplication"]
        return post(f"{self.url}/v1/applications", schema["example"])["status_token"]

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


def checked(server, kind, phases, seconds, seed, folder):
    """One run of some phases: the exit code, and the events that it wrote."""
    report = folder / f"{kind}-{phases.replace(',', '-')}.ndjson"
    environment = os.environ | {"ENTENTE_DEMO_PASSWORD": PASSWORD, "ENTENTE_STATUS_TOKEN": server.status_token()}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", f"{server.url}/openapi.json", "--phases", phases, "--max-time", str(seconds), "--seed", str(seed)]
    command += ["--no-color", "--report", "ndjson", "--report-ndjson-path", report]
    done = subprocess.run(command, env=environment, cwd=HERE, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(done.stdout)
    return done.returncode, report


def counted(reports):
    """How many operations were tested, with how many cases."""
    operations, cases = set(), 0
    for report in reports:
        with report.open(encoding="utf-8") as lines:
            for line in lines:
                for recorder in found(json.loads(line), "recorder"):
                    for case in recorder.get("cases", {}).values():
                        operations.add(case["value"]["operation"])
                        cases += 1
    return len(operations), cases


def found(value, name):
    """What stands under this name, wherever."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key == name and isinstance(member, dict):
                yield member
            else:
                yield from found(member, name)


def run(kind, seconds, seed, folder):
    server = Server(kind, folder)
    try:
        server.ready()
        runs = [checked(server, kind, phases, max(1, seconds // 2), seed, folder) for phases in PHASES]
    finally:
        server.stop()
    failed = any(code != 0 for code, _ in runs)
    operations, cases = counted([report for _, report in runs])
    print(f"conformance: {kind}: {operations} operations, {cases} cases, {'FAILED' if failed else 'no failure'}", flush=True)
    return failed


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
    sys.exit(1 if any([run(kind, given.seconds, seed, folder) for kind in kinds]) else 0)


if __name__ == "__main__":
    main()
