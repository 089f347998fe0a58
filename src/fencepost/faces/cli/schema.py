"""`fencepost schema`: print JSON Schemas of the files that other programs may read."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from fencepost.publish.status import status_schema
from fencepost.record.model import json_schema


def schema(
    status: Annotated[
        bool, typer.Option("--status", help="Print that of the published what-still-works.json instead.")
    ] = False,
) -> int:
    """Print the JSON Schema of a record."""
    sys.stdout.write(json.dumps(status_schema() if status else json_schema(), indent=1) + "\n")
    return 0
