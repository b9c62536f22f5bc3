"""Gives schemathesis ids of what is there, most of the time: random ones are of nothing, and no rule is reached."""

import json
import os
import random
from pathlib import Path
from typing import Any

import schemathesis

_KNOWN = json.loads(Path(os.environ["PHONEGRADE_CONTRACT_IDS"]).read_text(encoding="utf-8"))
"""By tenant: an id for each name that a path has for one."""
_SHARE = 0.8


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the parameters with the ids of one tenant."""
    known = random.choice(list(_KNOWN.values()))  # noqa: S311  whose
    if not path_parameters or random.random() > _SHARE:  # noqa: S311  now and then one of nobody
        return path_parameters
    return {**path_parameters, **{name: known[name] for name in path_parameters if name in known}}


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:  # noqa: ANN401
    """Let most cases be on a journey that there is."""
    path = context.operation.path
    if path == "/v1/cases" and isinstance(body, dict) and "journey" in body and random.random() < _SHARE:  # noqa: S311
        return {**body, "journey": "trade_in"}
    if path == "/v1/webhooks" and isinstance(body, dict) and "url" in body and random.random() < _SHARE:  # noqa: S311
        return {**body, "url": "https://127.0.0.1:1/hook"}
    return body
