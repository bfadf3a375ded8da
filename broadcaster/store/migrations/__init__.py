"""How a database of an earlier version becomes one of this version.

To change the tables: change ``store/tables.py``, add ``versions/rNNNN_what.py`` with the next number as its
``revision`` and the former one as its ``down_revision``, and set ``HEAD``. Use ``op.batch_alter_table`` for altered
columns (SQLite can't alter them), and never touch a migration that has been released.
"""

from __future__ import annotations

#: The revision this version works with. Known here so that an ordinary start needs no Alembic.
HEAD = "0005"
