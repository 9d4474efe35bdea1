"""What the measuring scripts share: psql, and tables as Markdown."""

import csv
import json
import subprocess


def query(setup, text, *files):
    """The rows of the last statement, after the statements of setup; files are read by \\copy as %s."""
    script = "\\set ON_ERROR_STOP on\nSET client_min_messages = warning;\n" + setup
    result = subprocess.run(["psql", "-XAtq", "--csv", "-f", "-"], input=script + text % files, stdout=subprocess.PIPE, text=True, check=True)
    return list(csv.reader(result.stdout.splitlines()))


def quoted(value):
    return "'" + json.dumps(value).replace("'", "''") + "'"


def row(*cells):
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def heading(words, *numbers):
    row(*words, *numbers)
    row(*("---" for _ in words), *("---:" for _ in numbers))


def shown(options):
    return f"`{json.dumps(options)}`" if options else "defaults"
