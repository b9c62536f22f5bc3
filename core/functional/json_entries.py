"""Diagnostics reports in JSON, whatever their shape, as entries."""

import json
import re
from collections.abc import Iterator

from phonegrade.core.errors import FunctionalError
from phonegrade.core.functional.report import functional_vocabulary, parse_json
from phonegrade.core.functional.report_words import (
    LISTS,
    LOCKED,
    NAME,
    RESULT,
    UNIT,
    VALUE,
    VERDICTS,
    Entry,
    folded,
    meant,
    worst_or_first,
)

_DEEPEST = 32


def json_entries(text: str, name: str) -> Iterator[Entry]:
    """Yield every name and its value; `name` is the file's name for messages. Raises FunctionalError."""
    try:
        document = parse_json(text)
    except json.JSONDecodeError as error:
        raise FunctionalError(f"{name}:{error.lineno}: no valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise FunctionalError(f"{name}:1: no valid JSON: nested too deep") from error
    yield from _walked(document, "", name, _DEEPEST)


def _walked(value: object, path: str, name: str, deeper: int) -> Iterator[Entry]:
    if deeper == 0:
        raise FunctionalError(f"{name}: {path:.200}: nested more than {_DEEPEST} deep")
    if isinstance(value, list):
        yield from _listed(value, path, name, deeper)
    elif isinstance(value, dict):
        yield from _mapped(value, path, name, deeper)


def _listed(values: list[object], path: str, name: str, deeper: int) -> Iterator[Entry]:
    match values:
        case [str(title), str() | bool() | int() | float() | None as raw] if meant(title) is not None:
            yield _entry(name, path, title, raw)
            return
    for index, inner in enumerate(values):
        where = f"{path}[{index}]"
        if isinstance(inner, dict | list):
            yield from _walked(inner, where, name, deeper - 1)
        elif inner is not None:
            yield Entry(f"{name}: {where}", f"{path.rpartition('.')[2]}: {inner}", None)


def _mapped(value: dict[str, object], path: str, name: str, deeper: int) -> Iterator[Entry]:
    keys = {folded(key): inner for key, inner in value.items()}
    titled = next((keys[key] for key in NAME if isinstance(keys.get(key), str)), None)
    has_result = any(key in (*RESULT, *VALUE) or _is_verdict(key, inner) for key, inner in keys.items())
    nested = any(isinstance(inner, dict | list) and inner for inner in value.values())
    if isinstance(titled, str) and has_result and (meant(titled) is not None or not nested):
        yield _record(keys, titled, name, path)
        value = {key: inner for key, inner in value.items() if isinstance(inner, dict | list)}
    for key, inner in value.items():
        where = f"{path}.{key}".lstrip(".")
        if re.fullmatch(r"\d{14,16}", key.strip()):  # reports by IMEI
            yield _entry(name, path, "imei", key.strip())
        if folded(key) in LISTS and isinstance(inner, list):
            raw = ", ".join(str(one) for one in inner if isinstance(one, str))
            yield _entry(name, where, key, raw)
            yield from (one for one in _listed([one for one in inner if not isinstance(one, str)], where, name, deeper))
        elif isinstance(inner, list) and meant(key) is not None and not any(isinstance(i, dict | list) for i in inner):
            # a list of results: the test was tried again
            yield from (Entry(f"{name}: {where}[{at}]", key, _as_text(one)) for at, one in enumerate(inner))
        elif isinstance(inner, dict) and _is_record(meant(key), inner):
            yield _record({folded(k): v for k, v in inner.items()}, key, name, where)
            yield from _walked({k: v for k, v in inner.items() if isinstance(v, dict | list)}, where, name, deeper - 1)
        elif isinstance(inner, dict | list):
            yield from _walked(inner, where, name, deeper - 1)
        else:
            yield _entry(name, where, key, inner)


def _is_record(what: str | None, value: dict[str, object]) -> bool:
    """Return whether a mapping under the name of a test or measure holds its result, or a lock's state."""
    is_lock = what in functional_vocabulary().named("lock")
    return what is not None and any(
        folded(key) in (*RESULT, *VALUE) or _is_verdict(key, inner) or (is_lock and _is_lock(key, inner))
        for key, inner in value.items()
    )


def _is_verdict(key: str, value: object) -> bool:
    return folded(key) in VERDICTS and isinstance(value, bool)


def _is_lock(key: str, value: object) -> bool:
    return folded(key) in LOCKED and isinstance(value, bool)


def _record(keys: dict[str, object], title: str, name: str, path: str) -> Entry:
    results, values = ([raw for key in part if (raw := _as_text(keys.get(key)))] for part in (RESULT, VALUE))
    good = [inner is VERDICTS[key] for key, inner in keys.items() if _is_verdict(key, inner)]
    results += ["pass" if one else "fail" for one in good]
    if meant(title) in functional_vocabulary().measures:
        results, values = values, results
    raw = worst_or_first(results or values, title)
    if raw is None:
        locks = [inner for key, inner in keys.items() if _is_lock(key, inner)]
        raw = None if not locks else "locked" if any(locks) else "unlocked"
    unit = next((keys[key] for key in UNIT if keys.get(key) is not None), None)
    return Entry(f"{name}: {path}", title, raw, _as_text(unit))


def _entry(name: str, path: str, key: str, value: object) -> Entry:
    return Entry(f"{name}: {path}", key, _as_text(value), None, re.sub(r"\[\d+\]", "[]", f"{path} {key}"))


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
