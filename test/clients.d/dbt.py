"""A model whose source dbt builds, with a post-hook that trains it: three runs in a row, of each materialization.

Run by the python of an environment with dbt-postgres, for the server that PGHOST, PGPORT, PGUSER and PGDATABASE name. dbt builds a relation anew
under another name, renames the old one away and the new one to its name, and drops the old one; a hook comes before that is committed,
or after it. --packages prints what is to be installed.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

# From 1.11 on, dbt-core downloads a part of itself during installation.
PACKAGES = ["dbt-core<1.11", "dbt-postgres"]

if sys.argv[1:] == ["--packages"]:
    print(*PACKAGES)
    sys.exit()

import psycopg2

SCHEMA = "dbt_shop"
RUNS = 3

PROJECT = """
name: shop
version: '1.0'
profile: shop
flags:
  send_anonymous_usage_stats: false
"""

PROFILES = f"""
shop:
  target: test
  outputs:
    test:
      type: postgres
      host: "{{{{ env_var('PGHOST') }}}}"
      port: "{{{{ env_var('PGPORT') | as_number }}}}"
      user: "{{{{ env_var('PGUSER') }}}}"
      password: ''
      dbname: "{{{{ env_var('PGDATABASE') }}}}"
      schema: {SCHEMA}
      threads: 1
"""

# The first run creates the model. {name}: the name of the source, whose model is {name}_model. {hook}: one more hook.
MODEL = """
{{{{ config(
    materialized='{materialization}',
    post_hook=[
        {{"sql": "SELECT rec.create_model('{schema}.{name}_model', '{{{{ this }}}}', 'popular') WHERE to_regclass('{schema}.{name}_model') IS NULL", "transaction": {transaction}}},
        {{"sql": "CALL rec.train('{schema}.{name}_model')", "transaction": {transaction}}},{hook}
    ],
) }}}}
SELECT user_id, item_id FROM {schema}.raw
{{% if is_incremental() %}}
WHERE item_id > (SELECT max(item_id) FROM {{{{ this }}}})
{{% endif %}}
"""

# Outside of a transaction, as for VACUUM: so a training holds no snapshot while it computes.
AFTER = """
        {{"sql": "VACUUM {schema}.raw", "transaction": False}},"""

failures = 0


def check(is_right, what):
    global failures
    print("ok" if is_right else "not ok", "-", what)
    failures += not is_right


def main():
    connection = psycopg2.connect("")
    connection.autocommit = True
    cursor = connection.cursor()
    names = []

    cursor.execute(f"""
        SET client_min_messages = warning;
        DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
        CREATE EXTENSION IF NOT EXISTS rec;
        CREATE SCHEMA {SCHEMA};
        CREATE TABLE {SCHEMA}.raw (user_id int, item_id int);
        INSERT INTO {SCHEMA}.raw SELECT u, i FROM generate_series(1, 5) u, generate_series(1, 3) i;
    """)
    with tempfile.TemporaryDirectory() as directory:
        project = pathlib.Path(directory)
        (project / "models").mkdir()
        (project / "dbt_project.yml").write_text(PROJECT)
        (project / "profiles.yml").write_text(PROFILES)
        for materialization in "table", "view", "incremental":
            for within in True, False:
                name = f"{materialization}_{'within' if within else 'after'}"
                names.append(name)
                hook = "" if within else AFTER.format(schema=SCHEMA)
                (project / "models" / f"{name}.sql").write_text(MODEL.format(materialization=materialization, name=name, schema=SCHEMA, transaction=within, hook=hook))
        # the last run rebuilds all of them, including incremental ones
        for run in range(1, RUNS + 2):
            # a user has an item that was new
            cursor.execute(f"INSERT INTO {SCHEMA}.raw VALUES ({run}, {run + 3})")
            command = [str(pathlib.Path(sys.executable).parent / "dbt"), "--quiet", "run", "--project-dir", directory, "--profiles-dir", directory]
            result = subprocess.run(command + (["--full-refresh"] if run > RUNS else []), capture_output=True, text=True)
            check(result.returncode == 0, f"run {run}")
            if result.returncode != 0:
                print(result.stdout, result.stderr)
            cursor.execute(f"SELECT count(*) FROM {SCHEMA}.raw")
            rows = cursor.fetchone()[0]
            for name in names:
                cursor.execute(f"SELECT source::text, version, rows FROM rec.models WHERE model = to_regclass('{SCHEMA}.{name}_model')")
                found = cursor.fetchone()
                check(found == (f"{SCHEMA}.{name}", run, rows), f"run {run}: {name} is trained on what is there: {found}")
                # user `run` has items 1, 2, 3 and run + 3; the items of others are known by now
                cursor.execute(f"SELECT item_id FROM rec.recommend('{SCHEMA}.{name}_model', {run}) ORDER BY 1")
                items = [item for item, in cursor.fetchall()]
                check(items == list(range(4, run + 3)), f"run {run}: {name} answers from it: {items}")
    cursor.execute(f"SET client_min_messages = warning; DROP SCHEMA {SCHEMA} CASCADE")


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    main()
    sys.exit(failures > 0)
