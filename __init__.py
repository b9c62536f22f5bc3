"""phonegrade: finds, measures and grades the wear of used phones from photos."""

__version__ = "0.2.0"
