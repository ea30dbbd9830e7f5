"""Has a generated client a method for each operation of the document? complete.py LANGUAGE FOLDER

A generator may leave out what it does not understand, and say so only in passing.
"""

import json
import pathlib
import re
import sys

METHODS = {
    "typescript": (("entente.d.ts",), r"^    (\w+): \{$"),
    "python": (("entente_client/api/*/*.py",), None),
    "rust": (("client.rs",), r"^    pub fn (\w+)\("),
    "java": (("src/main/java/**/api/*.java",), r"^  public \S+ (\w+)\("),
}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1], name).lower()


def main(language: str, folder: str) -> None:
    document = json.loads(pathlib.Path(__file__).with_name("..").joinpath("openapi.json").read_text())
    wanted = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    patterns, method = METHODS[language]
    files = [file for pattern in patterns for file in pathlib.Path(folder).glob(pattern)]
    if method is None:
        there = {file.stem for file in files}
    else:
        there = {name for file in files for name in re.findall(method, file.read_text(), re.MULTILINE)}
    spelled = snake if language in ("python", "rust") else str
    missing = [name for name in wanted if spelled(name) not in there]
    if missing:
        sys.exit(f"{language}: the client has no method for {', '.join(missing)}")
    print(f"{language}: a client with a method for each of {len(wanted)} operations, compiled without a warning")


main(*sys.argv[1:])
