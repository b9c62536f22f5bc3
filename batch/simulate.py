"""Regrades stored devices under another policy and adds up the changes."""

from pathlib import Path

from phonegrade.batch.stored_file import read_batches
from phonegrade.configs.policy import Policy
from phonegrade.grading.decision import PolicyRef
from phonegrade.grading.vectorised.regrade import regrade
from phonegrade.grading.vectorised.simulation import Graded, Simulation, Tally


def simulate(file: Path, new: Policy, old: Policy | None, typical_price: float) -> Simulation:
    """Return what `new` changes for the devices of `file` against `old`, or against the grade each was stored with.

    `typical_price` stands in for devices without a price. Raises StoredFileError.
    """
    tally = Tally()
    for batch in read_batches(file):
        before = Graded(batch.stored_grade, batch.stored_value_share)
        if old is not None:
            verdicts = regrade(batch.columns, old)
            before = Graded(verdicts.grades(old), verdicts.value_share)
        verdicts = regrade(batch.columns, new)
        tally.add(batch.ids, batch.price, before, Graded(verdicts.grades(new), verdicts.value_share), typical_price)
    return tally.result(None if old is None else _ref(old), _ref(new))


def _ref(policy: Policy) -> PolicyRef:
    return PolicyRef(name=policy.name, version=policy.version, sha256=policy.sha256)
