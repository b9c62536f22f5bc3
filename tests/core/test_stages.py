"""Stages are noted where somebody records them, and cost nothing where nobody does."""

import itertools
from collections.abc import Callable

import pytest

from phonegrade.core.stages import Stage, recorded, stage


def counting_clock() -> Callable[[], float]:
    """A clock on which each reading is one second after the one before."""
    return map(float, itertools.count()).__next__


def test_stages_are_noted_with_their_start_and_length() -> None:
    with recorded(counting_clock()) as stages:
        with stage("decode"):
            pass
        with stage("locate"):
            pass
    assert stages == [Stage("decode", 1.0, 1.0), Stage("locate", 3.0, 1.0)]


def test_a_stage_that_fails_is_noted_and_raises() -> None:
    with recorded(counting_clock()) as stages, pytest.raises(ValueError, match="broken"), stage("decode"):
        raise ValueError("broken")
    assert stages == [Stage("decode", 1.0, 1.0)]


def test_without_a_recording_nothing_is_noted() -> None:
    with recorded(counting_clock()) as stages:
        pass
    with stage("decode"):
        pass
    assert stages == []


def test_a_recording_inside_another_keeps_its_stages_to_itself() -> None:
    with recorded(counting_clock()) as outer:
        with recorded(counting_clock()) as inner, stage("decode"):
            pass
        with stage("locate"):
            pass
    assert [one.name for one in inner] == ["decode"]
    assert [one.name for one in outer] == ["locate"]
