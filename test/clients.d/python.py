"""What docs/clients.md says of one driver of Python, and what else is to hold with it: python.py PART"""

import asyncio
import doctest
import importlib.metadata
import os
import re
import sys
import uuid

CUSTOMER = uuid.UUID("00000000-0000-4000-8000-000000000003")
failures = 0


def check(name, ask, expected):
    """One line of what was tried: ask() is as expected, or raises an error whose text has it."""
    global failures
    try:
        got = ask()
    except Exception as error:
        got = str(error)
        passed = isinstance(expected, re.Pattern) and expected.search(got) is not None
    else:
        passed = got == expected
    failures += not passed
    print(("ok" if passed else "not ok") + " - " + name + ("" if passed else f"\n  got {got!r}\n  not {expected!r}"))


def run_page(heading, **names):
    """The examples of a section of the page, whose answers stand below them."""
    global failures
    with open(os.path.join(os.path.dirname(__file__), "../../docs/clients.md")) as page:
        section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page.read(), re.M | re.S).group(1)
    source = "\n".join(re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S))
    examples = doctest.DocTestParser().get_doctest(source, dict(names, customer=CUSTOMER), heading, "docs/clients.md", 0)
    runner = doctest.DocTestRunner(verbose=False)
    tried = runner.run(examples)
    passed = tried.failed == 0 and tried.attempted > 0
    failures += not passed
    print(("ok" if passed else "not ok") + f" - {tried.attempted} examples of the page")


def check_types(fetch, parameter, number, array):
    """
    The same of each driver. fetch(statement, arguments) gives a list of tuples; parameter(n, cast) is how a parameter is written, with
    a cast or None; number and array: the casts that this driver needs for a number and for a list of them.
    """
    p = parameter
    check("an int among films beyond smallint", lambda: fetch(f"SELECT count(*) FROM rec.recommend('movies', {p(1, number)}, n => 1000) WHERE item_id > 32767", [42]) > [(0,)], True)
    check("all 610 users", lambda: sum(len(fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, number)}, n => 5)", [user])) for user in range(1, 611)), 3050)
    check("a model that is a parameter", lambda: fetch(f"SELECT item_id FROM rec.recommend({p(1, None)}, {p(2, number)}, n => 3)", ["movies", 42]), [(480,), (589,), (1,)])
    check("n that is a parameter", lambda: fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, number)}, {p(2, None)})", [42, 3]), [(480,), (589,), (1,)])
    check("a string", lambda: fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, None)}, n => 3)", ["42"]), [("480",), ("589",), ("1",)])
    check("None asks for nobody", lambda: fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, number)})", [None]), [])
    check("candidates", lambda: fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, number)}, candidates => {p(2, 'bigint[]')})", [42, [1, 2, 5000000000]]), [(1,), (2,)])
    check("no candidates", lambda: fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, number)}, candidates => {p(2, 'int[]')})", [42, []]), [])
    check("candidates that are None", lambda: fetch(f"SELECT count(*) FROM rec.recommend('movies', {p(1, number)}, candidates => {p(2, 'int[]')})", [42, None]), [(10,)])
    check("candidates that are strings", lambda: fetch(f"SELECT item_id FROM rec.recommend('goods', {p(1, None)}, candidates => {p(2, 'text[]')})", [str(CUSTOMER), ["sku-2", "sku-9"]]), [("sku-2",), ("sku-9",)])
    check("exclude", lambda: fetch(f"SELECT item_id FROM rec.recommend('movies', {p(1, number)}, n => 2, exclude => {p(2, 'int[]')})", [42, [480, 1]]), [(589,), (1198,)])
    check("a profile", lambda: fetch(f"SELECT item_id FROM rec.recommend_for('movies', {p(1, array)}, n => 2)", [[1, 2]]), [(356,), (318,)])
    check("a profile with ratings", lambda: fetch(f"SELECT item_id FROM rec.recommend_for('movies', {p(1, array)}, {p(2, None)}, {p(3, None)})", [[1, 2], [4.5, 3.0], 2]), [(356,), (318,)])
    check("a profile of strings", lambda: fetch(f"SELECT count(*) FROM rec.recommend_for('goods', {p(1, 'text[]' if array else None)})", [["sku-1", "sku-2"]]), [(6,)])
    check("an empty profile", lambda: fetch(f"SELECT count(*) FROM rec.recommend_for('goods', {p(1, 'text[]' if array else None)})", [[]]), [(8,)])
    check("predict", lambda: fetch(f"SELECT rec.predict('movies', {p(1, number)}, {p(2, number)}) = rec.predict('movies', 42, 318)", [42, 318]), [(True,)])
    check("predict of strings", lambda: fetch(f"SELECT rec.predict('goods', {p(1, None)}, {p(2, None)}) > 0", [str(CUSTOMER), "sku-1"]), [(True,)])
    check("predict beside a column", lambda: fetch(f"SELECT count(rec.predict('movies', {p(1, number)}, id)) FROM film", [42]), [(9742,)])
    check("explain", lambda: fetch(f"SELECT count(*) FROM rec.explain('similar_movies', {p(1, number)}, {p(2, number)}, 5)", [42, 318]), [(5,)])
    check("explain of strings", lambda: fetch(f"SELECT count(*) FROM rec.explain('similar_goods', {p(1, None)}, {p(2, None)}, 2)", [str(CUSTOMER), "sku-1"]), [(2,)])
    check("explain of a profile", lambda: fetch(f"SELECT count(*) FROM rec.explain_for('similar_movies', {p(1, array)}, {p(2, number)}, n => 2)", [[1, 2, 50], 318]), [(2,)])
    check("explain of a profile of strings", lambda: fetch(f"SELECT count(*) > 0 FROM rec.explain_for('similar_goods', {p(1, 'text[]' if array else None)}, {p(2, None)})", [["sku-1", "sku-2"], "sku-1"]), [(True,)])
    check("similar items", lambda: fetch(f"SELECT count(*) FROM rec.similar_items('movies', {p(1, number)}, 100) WHERE item_id > 0", [1]), [(100,)])
    check("similar users", lambda: fetch(f"SELECT count(*) FROM rec.similar_users('movies', {p(1, number)}, n => 5) WHERE user_id > 0", [42]), [(5,)])
    check("fractions", lambda: fetch(f"SELECT value > 0 FROM rec.evaluate('movies', 'time', {p(1, None)}, relevant_from => {p(2, None)}) WHERE metric = 'recall'", [0.2, 4.0]), [(True,)])
    check("vectors", lambda: fetch(f"SELECT round(rec.cosine({p(1, 'float8[]' if array else None)}, {p(2, None)})::numeric, 2)::text", [[3, 4], [4, 3]]), [("0.96",)])
    check("what does not fit names the cast", lambda: fetch(f"SELECT item_id FROM rec.recommend('goods', {p(1, 'uuid')})", [CUSTOMER]), re.compile(r"items cannot be returned as uuid.*Cast user_id: rec\.recommend\('public\.goods', '.*'::text\)", re.S))


def percent(number, cast):
    return "%s" + (f"::{cast}" if cast else "")


def psycopg():
    import psycopg

    connection = psycopg.connect(autocommit=True)
    fetch = lambda statement, arguments: connection.execute(statement, arguments).fetchall()
    run_page("psycopg 3", connection=connection)
    check_types(fetch, percent, None, None)
    check("a list that is not cast", lambda: fetch("SELECT * FROM rec.recommend('movies', %s, candidates => %s)", [42, []]), re.compile("could not determine data type of parameter"))
    check("a statement that is prepared", lambda: [connection.execute("SELECT count(*) FROM rec.recommend('movies', %s)", [user], prepare=True).fetchone() for user in (42, 70000, 5000000)], [(10,), (10,), (10,)])
    check("options", lambda: fetch("SELECT rec.create_model(%s, %s, %s, %s)", ["made", "ratings", "als", psycopg.types.json.Jsonb({"factors": 8})]), [("made",)])
    connection.execute("DROP TABLE made")
    with psycopg.connect(autocommit=True, cursor_factory=psycopg.ClientCursor) as client:
        check("literals", lambda: client.execute("SELECT item_id FROM rec.recommend('movies', %s, 2, candidates => %s)", [42, [1, 2, 70000]]).fetchall(), [(1,), (2,)])


def psycopg2():
    import psycopg2.extras

    psycopg2.extras.register_uuid()
    connection = psycopg2.connect("")
    connection.autocommit = True
    cursor = connection.cursor()

    def fetch(statement, arguments):
        cursor.execute(statement, arguments)
        return cursor.fetchall()

    run_page("psycopg 2", cursor=cursor)
    check_types(fetch, percent, None, None)


def asyncpg():
    import asyncpg

    run = asyncio.new_event_loop().run_until_complete
    connection = run(asyncpg.connect())
    dollar = lambda number, cast: f"${number}" + (f"::{cast}" if cast else "")

    def fetch(statement, arguments):
        try:
            return [tuple(row) for row in run(connection.fetch(statement, *arguments))]
        except asyncpg.PostgresError as error:
            raise RuntimeError(f"{error} {error.hint}")

    run_page("asyncpg", connection=connection, run=run)
    check_types(fetch, dollar, "int", "int[]")
    check("a number that is not cast", lambda: fetch("SELECT * FROM rec.recommend('movies', $1)", [42]), re.compile("expected str, got int"))


def sqlalchemy():
    import sqlalchemy

    colon = lambda number, cast: f"CAST(:p{number} AS {cast})" if cast else f":p{number}"
    for driver in ("psycopg", "psycopg2"):
        print(f"# {driver}")
        with sqlalchemy.create_engine(f"postgresql+{driver}://").connect() as connection:

            def fetch(statement, arguments):
                with connection.begin_nested():
                    return [tuple(row) for row in connection.execute(sqlalchemy.text(statement), {f"p{n + 1}": value for n, value in enumerate(arguments)})]

            run_page("SQLAlchemy", connection=connection, text=sqlalchemy.text, func=sqlalchemy.func, select=sqlalchemy.select)
            check_types(fetch, colon, None, None)


def django():
    import django
    from django.conf import settings

    database = {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"], "USER": os.environ["PGUSER"], "NAME": os.environ["PGDATABASE"]}
    settings.configure(DATABASES={"default": database, "bound": dict(database, OPTIONS={"server_side_binding": True})})
    django.setup()
    from django.db import connections, models

    class Film(models.Model):
        id = models.IntegerField(primary_key=True)
        title = models.TextField()
        genres = models.TextField()

        class Meta:
            app_label = "films"
            db_table = "film"
            managed = False

    run_page("Django", Film=Film, F=models.F, Func=models.Func, Value=models.Value, FloatField=models.FloatField)
    for name, connection in (("literals", connections["default"]), ("parameters", connections["bound"])):
        print(f"# {name}")

        def fetch(statement, arguments):
            with connection.cursor() as cursor:
                cursor.execute(statement, arguments)
                return cursor.fetchall()

        check_types(fetch, percent, None, None)


def pandas():
    import pandas
    import sqlalchemy

    with sqlalchemy.create_engine("postgresql+psycopg://").connect() as connection:
        run_page("pandas", pandas=pandas, connection=connection, text=sqlalchemy.text)
        fetch = lambda statement, arguments: list(pandas.read_sql(sqlalchemy.text(statement), connection, params=arguments).itertuples(index=False, name=None))
        check("a list", lambda: fetch("SELECT item_id FROM rec.recommend('movies', :user, candidates => CAST(:films AS int[]))", {"user": 42, "films": [1, 2, 3]}), [(1,), (2,)])
        check("a number of numpy", lambda: fetch("SELECT item_id FROM rec.recommend('movies', :user, n => 1)", {"user": pandas.Series([42])[0]}), [(480,)])
        check("a frame as source", lambda: pandas.DataFrame({"user_id": [1, 1, 2], "item_id": [5, 6, 5]}).to_sql("frame", connection, index=False) is not None, True)
        check("and a model of it", lambda: fetch("SELECT rec.create_model('framed', 'frame', 'popular')", {}), [("framed",)])
        connection.execute(sqlalchemy.text("CALL rec.train('framed')"))
        check("asked", lambda: fetch("SELECT item_id FROM rec.recommend('framed', :user)", {"user": 2}), [(6,)])


PARTS = {
    "psycopg": (psycopg, "psycopg[binary]"),
    "psycopg2": (psycopg2, "psycopg2-binary"),
    "asyncpg": (asyncpg, "asyncpg"),
    "sqlalchemy": (sqlalchemy, "sqlalchemy psycopg[binary] psycopg2-binary"),
    "django": (django, "django psycopg[binary]"),
    "pandas": (pandas, "pandas sqlalchemy psycopg[binary]"),
}

if sys.argv[1] == "--packages":
    print(" ".join(sorted({package for part in sys.argv[2:] if part in PARTS for package in PARTS[part][1].split()})))
else:
    run_part, packages = PARTS[sys.argv[1]]
    print("# " + ", ".join(f"{package} {importlib.metadata.version(package)}" for package in re.sub(r"\[\w+\]", "", packages).split()))
    run_part()
    sys.exit(failures > 0)
