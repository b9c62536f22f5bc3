"""The part of the tree in `core/errors.py` that only `phonegrade batch` raises.

InputError
├── ManifestError          manifest
├── PhotoMissingError      photo_missing
├── PhotoUnreadableError   photo_unreadable
├── OtherFingerprintError  other_fingerprint
└── RunInHandError         run_in_hand
SetupError
└── OutputError            output
"""

from phonegrade.core.errors import InputError, SetupError


class ManifestError(InputError):
    """A list of photos or devices that cannot be read at all, or one row of it; the message names file and line."""

    code = "manifest"


class PhotoMissingError(InputError):
    """A photo is not where the input says."""

    code = "photo_missing"


class PhotoUnreadableError(InputError):
    """A photo cannot be read for now, such as from an object store that does not answer: a later run tries again."""

    code = "photo_unreadable"


class OtherFingerprintError(InputError):
    """A folder holds results of other models, code or devices: the two would be mixed."""

    code = "other_fingerprint"


class RunInHandError(InputError):
    """Another process works in this folder."""

    code = "run_in_hand"


class OutputError(SetupError):
    """Results cannot be written, such as onto a full disk; what was written before is whole."""

    code = "output"
