#!/usr/bin/env python3
"""Does openapi/openapi.json break who was written against the last released document?

    python3 tests/breaking [RELEASED CURRENT]

openapi/released.json is the document of the last release. A release copies openapi/openapi.json there, in the commit
that it tags `v` and the version; nothing else changes it. A break is allowed where the version says so (semver): a higher
major version or, while that is 0, a higher minor one.
"""

import json
import pathlib
import subprocess
import sys

import document

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASED = "openapi/released.json"
CURRENT = "openapi/openapi.json"


def allows(released, current):
    """Whether the step from one version to the other may break."""
    before, after = [tuple(int(part) for part in version.split("-")[0].split(".")) for version in (released, current)]
    return after[0] > before[0] or (before[0] == after[0] == 0 and after[1] > before[1])


def untrue(released):
    """What is wrong with the released document by the tags that are here: a clone may have none."""
    tags = git("tag", "--list", "v*", "--sort=-v:refname").split()
    version = f"v{released['info']['version']}"
    if tags and tags[0] != version:
        yield f"{RELEASED} is {version}, but the last tag is {tags[0]}: a release copies {CURRENT} there"
    elif tags and json.loads(git("show", f"{version}:{CURRENT}")) != released:
        yield f"{RELEASED} is not {CURRENT} as it was released as {version}"


def git(*arguments):
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True).stdout


def main(arguments):
    paths = arguments or [ROOT / RELEASED, ROOT / CURRENT]
    for path in map(pathlib.Path, paths):
        if not path.is_file():
            sys.exit(f"breaking: there is no {path}: it must be in the repository")
    released, current = [json.loads(pathlib.Path(path).read_text(encoding="utf-8")) for path in paths]
    faults = [] if arguments else list(untrue(released))
    breaks = document.breaks(released, current)
    before, after = released["info"]["version"], current["info"]["version"]
    for line in faults + breaks:
        print(f"breaking: {line}")
    allowed = allows(before, after)
    words = ", which the version allows" if allowed and breaks else ""
    print(f"breaking: {len(breaks)} breaks from {before} to {after}{words}")
    return 1 if faults or (breaks and not allowed) else 0


if __name__ == "__main__":
    if len(sys.argv) not in (1, 3):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
