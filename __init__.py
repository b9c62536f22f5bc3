"""phonegrade: finds, measures and grades the wear of used phones from photos."""

__version__ = "0.1.0"
