#!/usr/bin/env python3
"""Holds the line between the rooms of the house: what may use what, and what may lie where.

Reads `cargo metadata` (each crate's declared dependencies, of every kind), the manifests and the tree.
Prints every breach with its remedy and exits 1, or says how many rules hold. The order of the floors is the first
table of docs/ARCHITECTURE.md whose first column is headed "crate"; until there is one, FLOORS.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Ground floor first. Rooms on one floor do not use each other.
FLOORS = [
    ["kernel"],
    ["contract"],
    ["database"],
    ["events"],
    ["identity"],
    ["rules"],
    ["programs"],
    ["partners"],
    ["facts"],
    ["training", "deal-registration", "incentives", "marketing"],
    ["tiers"],
    ["metrics"],
    ["crm-sync"],
    ["api"],
    ["server"],
]

HTTP_ROOMS = {"api", "server"}
HTTP = re.compile(r"actix.*|tracing-actix-web|utoipa-actix-web|utoipa-swagger-ui")
NO_SQL_ROOMS = {"api", "server"}  # and the kernel, which has a rule of its own
SQL_DRIVERS = re.compile(r"diesel[-_].+|pq-sys|libsqlite3-sys|r2d2.*|rusqlite|sqlx.*|(tokio-)?postgres")
NOT_IN_KERNEL = re.compile(r"actix.*|axum|diesel.*|http|hyper.*|reqwest|tokio|tower.*")

TOP_LEVEL = set(
    "Cargo.toml Cargo.lock Makefile README.md LICENSE clippy.toml rustfmt.toml deny.toml diesel.toml rust-toolchain.toml"
    " .cargo .ci .gitattributes .gitignore crates docs migrations openapi programs tests".split()
)
LINES_WARN, LINES_FAIL = 500, 600
GENERATED = {"crates/database/src/schema.rs"}
UNFINISHED = re.compile(r"\b(todo|unimplemented|dbg)!")
# A look that collided with another transaction has not found that nothing is there.
DEAF = re.compile(r"\bfind\(tx,[^;]*?\)\s*\.(map_err\(\|_\||is_err\(|is_ok|ok\(\))|let Ok\([^)]*\) = [\w:]*find\(tx")

breaches = []


def breach(where, rule, remedy):
    breaches.append(f"{where}: {rule}\n    remedy: {remedy}")


def run(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"floors: `{' '.join(command)}` failed, so nothing was checked")
    return done.stdout


def manifest(folder):
    return tomllib.loads((folder / "Cargo.toml").read_text())


def documented_floors():
    """The rows of the table "| crate | holds |": one row is one floor, the names stand in backticks."""
    page = ROOT / "docs/ARCHITECTURE.md"
    rows, inside = [], False
    for line in page.read_text().splitlines() if page.exists() else []:
        first = line.split("|")[1].strip() if line.lstrip().startswith("|") and line.count("|") > 2 else None
        if not inside:
            inside = first is not None and first.strip("*").lower() == "crate"
        elif first is None:
            break
        elif names := re.findall(r"`([a-z][a-z0-9-]*)`", first):
            rows.append(names)
    return rows


def workspace():
    """{crate: (folder, {its rooms}, {its outside crates})} of crates/ and tests/. What is optional is marked with `?`."""
    found = {}
    for package in json.loads(run("cargo", "metadata", "--no-deps", "--format-version", "1"))["packages"]:
        folder = Path(package["manifest_path"]).parent
        # A room may bear the name of a crate from outside (metrics): only a path makes it a room.
        rooms = {d["name"] for d in package["dependencies"] if d.get("path")}
        outside = {d["name"] + "?" * d["optional"] for d in package["dependencies"] if not d.get("path")}
        found[package["name"]] = (folder, rooms, outside)
    return found


def tracked():
    """The files of the repository, with those that are about to be added to it."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    return [name for name in listed if name and (ROOT / name).exists()]


def every_crate_has_a_floor(rooms, floor, **_):
    for name, (folder, _, _) in rooms.items():
        if name not in floor:
            breach(name, "stands on no floor", "give it its row in the table of docs/ARCHITECTURE.md")
        if folder.name != name:
            breach(name, f"lies in {folder.name}/", "a crate has the name of its folder")


def uses_only_lower_floors(rooms, floor, **_):
    for name, (_, uses, _) in rooms.items():
        for used in sorted(uses):
            if used in floor and name in floor and floor[used] >= floor[name]:
                remedy = f"move what is shared down, or let a room above both join them ({used} is not below {name})"
                breach(name, f"uses {used}, which is not on a lower floor", remedy)
            elif used not in rooms:
                breach(name, f"uses {used}, which is no room of crates/", "a room depends on rooms only")


def http_only_in_api_and_server(rooms, **_):
    for name, (_, _, outside) in rooms.items():
        for used in sorted(outside) if name not in HTTP_ROOMS else []:
            if HTTP.fullmatch(used):
                breach(name, f"depends on {used}", "HTTP belongs in api (or server); return a value or a kernel error here")


def diesel_only_where_rows_live(rooms, **_):
    for name, (_, _, outside) in rooms.items():
        if name in NO_SQL_ROOMS and "diesel" in outside:
            breach(name, "depends on diesel", "move the query to the store.rs of the domain that owns the table")


def drivers_only_in_database(rooms, **_):
    for name, (_, _, outside) in rooms.items():
        for used in sorted(outside) if name != "database" else []:
            if SQL_DRIVERS.fullmatch(used):
                breach(name, f"depends on {used}", "drivers, pools and migrations belong in database")


def kernel_knows_no_http_no_sql(rooms, **_):
    for used in sorted(rooms.get("kernel", (None, None, set()))[2]):
        if used != "diesel?" and NOT_IN_KERNEL.fullmatch(used):
            breach("kernel", f"depends on {used}", "the kernel knows no HTTP, no SQL and no runtime: move it up")


def only_database_teaches_the_kernel_sql(members, **_):
    # docs/decisions/0004: the derives by which ids and times stand in rows are there for who asks, and one may ask.
    for name, (folder, _, _) in members.items():
        wanted = manifest(folder).get("dependencies", {}).get("kernel", {})
        if name != "database" and isinstance(wanted, dict) and wanted.get("features"):
            breach(name, f"turns on kernel's {wanted['features']}", "only database may: its crates get the kernel as it is")


def tests_stay_outside(members, **_):
    for used in sorted(members["tests"][1]) if "tests" in members else []:
        breach("tests", f"uses the library {used}", "the product is tested from outside: go through HTTP or the binary")


def manifests_inherit(members, rooms, **_):
    for name, (folder, _, _) in members.items():
        text = manifest(folder)
        if text["package"].get("license") != {"workspace": True}:
            breach(name, "states its own licence", "license.workspace = true")
        if name in rooms and text.get("lints") != {"workspace": True}:
            breach(name, "does not take the workspace's lints", "[lints] workspace = true")


def versions_stand_in_one_place(members, **_):
    for name, (folder, _, _) in members.items():
        text = manifest(folder)
        for table in [text, *text.get("target", {}).values()]:
            for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
                for used, wanted in table.get(kind, {}).items():
                    if not (isinstance(wanted, dict) and wanted.get("workspace")):
                        remedy = f"put it in [workspace.dependencies] and say {used}.workspace = true"
                        breach(name, f"says itself which {used} it wants", remedy)


def top_level_is_known(files, **_):
    for entry in sorted({name.split("/")[0] for name in files} - TOP_LEVEL):
        breach(entry, "is not a known top-level entry", "put it in the folder where it belongs, or into .gitignore")


def migrations_are_twins(**_):
    folders = {name: ROOT / "migrations" / name for name in ("sqlite", "postgres")}
    names = {k: {p.name for p in f.iterdir() if p.is_dir()} if f.is_dir() else set() for k, f in folders.items()}
    for one, other in (("sqlite", "postgres"), ("postgres", "sqlite")):
        for name in sorted(names[one] - names[other]):
            breach(f"migrations/{one}/{name}", f"has no twin in {other}", f"write migrations/{other}/{name}")
        for name in sorted(names[one]):
            for part in ("up.sql", "down.sql"):
                if not (folders[one] / name / part).is_file():
                    breach(f"migrations/{one}/{name}", f"has no {part}", "write it")


def rust_files(files):
    return [name for name in files if name.startswith("crates/") and name.endswith(".rs")]


def nothing_is_left_unfinished(files, **_):
    for name in rust_files(files):
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            if found := UNFINISHED.search(line.split("//")[0]):
                breach(f"{name}:{number}", f"has {found.group()}", "finish it")


def no_failed_look_passes_for_nothing(files, **_):
    for name in rust_files(files):
        text = (ROOT / name).read_text()
        for found in DEAF.finditer(text) if name.startswith("crates/") else []:
            line = text.count("\n", 0, found.start()) + 1
            breach(f"{name}:{line}", "takes any error of a finder for `not_found`", "ask `.if_there()?` (database::Sought)")


def files_stay_readable(files, **_):
    for name in rust_files(files):
        lines = len((ROOT / name).read_text().splitlines())
        if name in GENERATED or lines <= LINES_WARN:
            continue
        if lines > LINES_FAIL:
            breach(name, f"has {lines} lines, more than {LINES_FAIL}", "split it by use case")
        else:
            print(f"floors: note: {name} has {lines} lines, more than {LINES_WARN}")


def links_lead_somewhere(files, **_):
    for name in files:
        if not (name == "README.md" or name.startswith("docs/") and name.endswith(".md")):
            continue
        text = re.sub(r"```.*?```", "", (ROOT / name).read_text(), flags=re.S)
        for target in re.findall(r"\]\(<?([^)>\s#]+)", text):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (ROOT / name).parent.joinpath(target).exists():
                breach(name, f"links to {target}, which is not there", "mend the link")


RULES = [
    every_crate_has_a_floor,
    uses_only_lower_floors,
    http_only_in_api_and_server,
    diesel_only_where_rows_live,
    drivers_only_in_database,
    kernel_knows_no_http_no_sql,
    only_database_teaches_the_kernel_sql,
    tests_stay_outside,
    manifests_inherit,
    versions_stand_in_one_place,
    top_level_is_known,
    migrations_are_twins,
    nothing_is_left_unfinished,
    no_failed_look_passes_for_nothing,
    files_stay_readable,
    links_lead_somewhere,
]


def main():
    members = workspace()
    rooms = {n: m for n, m in members.items() if m[0].parent == ROOT / "crates"}
    floor = {n: i for i, names in enumerate(documented_floors() or FLOORS) for n in names}
    house = {"members": members, "rooms": rooms, "floor": floor, "files": tracked()}
    for rule in RULES:
        rule(**house)
    if breaches:
        print("\n".join(breaches))
        print(f"floors: {len(RULES)} rules, {len(breaches)} breach{'es' * (len(breaches) > 1)}")
        return 1
    print(f"floors: {len(RULES)} rules, all hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
