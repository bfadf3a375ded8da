from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from broadcaster.asrun.log import AsRunLog
from broadcaster.errors import StoreConflict, StoreDamaged, StoreError, UsageError
from broadcaster.store.database import Database, open_database, set_aside
from broadcaster.store.migrations import HEAD
from broadcaster.store.sqlite import use_wal
from broadcaster.store.tables import asrun, metadata
from tests.store_support import BACKENDS, PLANNED, POSTGRES, ROOT, empty_server, fresh, spot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "店 1" / "var" / "broadcaster.db"


def fill(path: Path, spots: int = 200) -> None:
    database = open_database(path)
    log = AsRunLog(database, "main")
    with database.writing() as connection:
        rows = [spot(f"spot-{number}", zone="main", armed_at=PLANNED) for number in range(spots)]
        connection.execute(insert(asrun), rows)
    assert len(log.spots_of(PLANNED.date())) == spots
    database.dispose()


def test_open_makes_folder_file_and_tables_and_keeps_them(path: Path) -> None:
    fill(path, 3)
    database = open_database(path)
    assert len(AsRunLog(database, "main").open_entries()) == 3
    assert database.faults() == []
    database.dispose()


def test_connections_are_durable(path: Path) -> None:
    database = open_database(path)
    with database.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in pragmas]
    database.dispose()
    assert found == ["wal", 2, 1, 10_000]


def test_switching_to_the_log_waits_for_a_reader_to_leave(tmp_path: Path) -> None:
    reader = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    reader.executescript("CREATE TABLE a (b); BEGIN; SELECT * FROM a;")
    tries: list[str] = []

    def watch(statement: str) -> None:
        tries.append(statement)
        if tries.count("PRAGMA journal_mode=WAL") == 2:
            reader.close()

    opener = sqlite3.connect(tmp_path / "a.db", timeout=0)
    opener.set_trace_callback(watch)
    use_wal(opener)
    assert tries.count("PRAGMA journal_mode=WAL") >= 2
    assert opener.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    opener.close()


def test_nothing_stays_open_after_dispose(path: Path) -> None:
    fill(path, 1)
    # The last connection to close folds the log into the file and removes it.
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("backend", BACKENDS)
def test_migrations_make_the_tables_that_the_code_uses(backend: str, tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with fresh(backend, tmp_path) as database, database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_head_is_the_last_migration() -> None:
    from alembic.script import ScriptDirectory

    from broadcaster.store import migrations

    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_an_ordinary_start_needs_neither_alembic_nor_the_orm(path: Path) -> None:
    fill(path, 1)
    code = (
        "import sys; from pathlib import Path; from broadcaster.store.database import open_database;"
        "open_database(Path(sys.argv[1])).dispose();"
        "print([name for name in ('alembic', 'sqlalchemy.orm') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("backend", BACKENDS)
def test_several_processes_open_a_new_database_at_once(backend: str, path: Path) -> None:
    where = empty_server() if backend == POSTGRES else str(path)
    code = (
        "import sys; from pathlib import Path; from broadcaster.store.database import open_database;"
        "where = sys.argv[1]; print('ready', flush=True); sys.stdin.readline();"
        "open_database(where if '://' in where else Path(where)).dispose()"
    )
    pipe = subprocess.PIPE
    crowd = [
        subprocess.Popen([sys.executable, "-c", code, where], stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)
        for _ in range(4)
    ]
    for process in crowd:
        assert process.stdout is not None
        process.stdout.readline()
    for process in crowd:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    results = [(process.communicate(timeout=30)[1], process.returncode) for process in crowd]
    assert results == [("", 0)] * 4


def test_threads_open_a_new_database_at_once(path: Path) -> None:
    opened: list[Database] = []
    crowd = [threading.Thread(target=lambda: opened.append(open_database(path))) for _ in range(6)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(30)
    for database in opened:
        database.dispose()
    assert len(opened) == 6


def test_a_newer_database_is_refused_with_the_remedy(path: Path) -> None:
    fill(path, 1)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError, match=r"broadcaster\.db.*'9999'.*newer version") as caught:
        open_database(path)
    assert not isinstance(caught.value, StoreDamaged)


def test_an_upgrade_that_fails_leaves_nothing_behind(path: Path) -> None:
    path.parent.mkdir(parents=True)
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE audit (mine INTEGER)")
    raw.close()
    with pytest.raises(StoreError, match="audit"):
        open_database(path)
    raw = sqlite3.connect(path)
    tables = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    raw.close()
    assert tables == [("audit",)]


def test_truncated_anywhere_is_noticed_and_set_aside(path: Path) -> None:
    fill(path)
    whole = path.read_bytes()
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    cuts = [1, 99, 100, 511, 512, 4095, 4096, len(whole) - 1]
    for cut in [*cuts, *random.Random(seed).sample(range(1, len(whole)), 20)]:
        path.write_bytes(whole[:cut])
        with pytest.raises(StoreDamaged, match=r"broadcaster\.db") as caught:
            open_database(path)
        aside = set_aside(caught.value.path)
        assert aside.read_bytes() == whole[:cut]
        assert not path.exists()
    fill(path, 1)


@pytest.mark.parametrize(
    "content", [b"garbage", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 8000, b"\x89PNG" * 5000]
)
def test_garbage_is_damage(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_database(path)
    set_aside(path)
    fill(path, 1)


def test_an_empty_file_is_a_new_database(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    fill(path, 1)


def test_damage_in_the_middle_is_found_when_asked(path: Path) -> None:
    fill(path, 2000)
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 40] = random.Random(7).randbytes(4096 * 20)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_database(path, check=True).dispose()


def test_damage_while_running_is_told_from_other_errors(path: Path) -> None:
    fill(path, 2000)
    database = open_database(path)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:8192] + b"\xaa" * (size - 8192))
    with pytest.raises(StoreDamaged):
        AsRunLog(database, "main").entries(PLANNED.date())
    database.dispose()


def test_setting_aside_takes_the_write_ahead_log_along(path: Path) -> None:
    database = open_database(path)
    AsRunLog(database, "main").arm_spot(**spot(), armed_at=PLANNED)
    # Without the -shm file, which is locked on Windows and made anew anyway.
    snapshot = {name: (path.parent / name).read_bytes() for name in (path.name, f"{path.name}-wal")}
    database.dispose()
    for name, content in snapshot.items():
        (path.parent / name).write_bytes(content)
    aside = set_aside(path)
    assert sorted(file.name for file in path.parent.iterdir()) == [aside.name, f"{aside.name}-wal"]
    recovered = open_database(aside)
    assert len(AsRunLog(recovered, "main").open_entries()) == 1
    recovered.dispose()


def test_what_is_not_there_cannot_be_set_aside(path: Path) -> None:
    with pytest.raises(StoreError, match=r"broadcaster\.db"):
        set_aside(path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreError, match="var"):
        open_database(tmp_path / "var" / "broadcaster.db")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://a:secret@b/c", "nonsense", "postgresql+x://a"]
)
def test_urls_that_make_no_sense(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_block_that_raises_is_undone(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        row = spot(zone="main", armed_at=PLANNED)
        with pytest.raises(StoreConflict), database.writing() as connection:
            connection.execute(insert(asrun).values(row))
            connection.execute(insert(asrun).values(row))
        assert AsRunLog(database, "main").open_entries() == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_errors_of_the_driver_are_translated(backend: str, tmp_path: Path) -> None:
    with (
        fresh(backend, tmp_path) as database,
        pytest.raises(StoreError, match="nowhere"),
        database.reading() as connection,
    ):
        connection.execute(text("SELECT * FROM nowhere"))
